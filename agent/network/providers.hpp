// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/io_context.hpp>

#include <filesystem>
#include <memory>

#include "agent/network/cni/provider.hpp"
#include "agent/network/lane.hpp"
#include "agent/network/network.hpp"
#include "spec/config.hpp"

namespace podsd::network {

/// What providers are made of; `state` and `run` are the agent's folders.
struct ProviderParts {
  boost::asio::io_context& io;
  Lane& lane;
  cni::Services services;
  std::filesystem::path state, run;
};

/// The provider that podsd.yaml asks for; with `auto` CNI where it has a network that can be used, else the
/// embedded one, and the journal says why. Pods that an earlier agent attached otherwise are detached the way
/// they were attached. Errors: the record of addresses cannot be read.
[[nodiscard]] Result<std::unique_ptr<Provider>> make_provider(ProviderParts parts,
                                                              const spec::NetworkConfig& config);

}  // namespace podsd::network
