// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "agent/network/names/upstream.hpp"
#include "policies/pod_names.hpp"
#include "spec/result.hpp"

namespace podsd::network {

/// The resolver stub of the embedded network: answers the pods' questions about pods, and hands on the rest.
/// It listens on the bridge's own addresses, UDP and TCP port 53, hears nobody but the pods and this host,
/// and is asleep between questions.
class NameServer {
 public:
  /// `pods`: those that can be reached at the moment; called once per question. `served` is told where is
  /// listened, whenever serve() was asked for.
  NameServer(boost::asio::io_context& io, std::function<std::vector<policies::NamedPod>()> pods,
             std::function<void(const std::set<spec::IpPrefix>&)> served,
             std::filesystem::path resolv_conf = "/etc/resolv.conf");
  ~NameServer();

  /// Listens there and nowhere else: addresses of this host, each with the length of its pods' range. Where
  /// it listens already it goes on. Errors: EADDRINUSE where somebody else has the port; then nothing new is
  /// listened on.
  [[nodiscard]] Result<void> serve(const std::set<spec::IpPrefix>& at);

  /// Where it listens.
  [[nodiscard]] std::set<spec::IpPrefix> addresses() const;

 private:
  class Listener;
  struct Shared;
  std::shared_ptr<Shared> shared_;
  std::function<void(const std::set<spec::IpPrefix>&)> served_;
};

}  // namespace podsd::network
