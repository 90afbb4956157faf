// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/io_context.hpp>

#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "agent/network/cni/calls.hpp"
#include "agent/network/network.hpp"

namespace podsd::network::cni {

/// Starts and stops instances of podsd-cni@.service. `start` is done when the service has ended, and joins
/// one that runs; `stop` kills what runs.
struct Services {
  std::function<void(const std::string&unit, Done<void> done)> start, stop;
};

/// Pods' networks by CNI plugins: each operation is a run of podsd-cni in a unit of its own, so that plugins
/// hold up nobody and end with it. A pod's operations follow one another, also those of an earlier agent. A
/// DEL that fails is tried again, with a back-off and at the next agent's start, until it succeeds. `state`,
/// `run`: the agent's folders.
[[nodiscard]] std::unique_ptr<Provider> make_provider(boost::asio::io_context& io, Services services,
                                                      Settings settings, const std::filesystem::path& state,
                                                      const std::filesystem::path& run);

}  // namespace podsd::network::cni
