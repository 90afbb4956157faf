// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "agent/network/leases.hpp"
#include "agent/network/netlink.hpp"
#include "agent/network/network.hpp"
#include "policies/packet_rules.hpp"
#include "policies/pod_ranges.hpp"
#include "spec/config.hpp"

namespace podsd::network {

/// The host's side of the embedded network: a bridge with an address in each range of the pods', one table of
/// packet filter rules, forwarding. All of it appears with the first pod and goes with the last one; what was
/// switched on for forwarding stays on, since others may count on it by then. Every call may block: it is
/// the lane's.
class EmbeddedHost {
 public:
  EmbeddedHost(spec::NetworkConfig config, const std::filesystem::path& state)
      : config_(std::move(config)), leases_(state / "network.json") {}

  /// Reads what is kept on disk.
  [[nodiscard]] Result<void> load() { return leases_.load(); }
  [[nodiscard]] Attachments known() const;

  /// See Provider.
  [[nodiscard]] Result<void> prepare(const std::string& pod);
  [[nodiscard]] Result<Attachment> attach(const PodRequest& pod, const UniqueFd& netns);
  [[nodiscard]] Result<void> update(const PodRequest& pod);
  [[nodiscard]] Result<void> detach(const std::string& pod);
  [[nodiscard]] Result<void> release(const std::string& pod);
  [[nodiscard]] Result<void> keep_only(const std::set<std::string>& pods);

 private:
  using HostPorts = std::vector<policies::HostPort>;
  struct Bridge {
    std::uint32_t index = 0;
    std::uint32_t mtu = 0;  ///< of pods
  };

  [[nodiscard]] Result<void> set_up();
  [[nodiscard]] Result<void> choose_ranges(const policies::RangeHost& host);
  void forward(bool v6, const std::set<std::string>& links) const;
  [[nodiscard]] std::set<spec::IpPrefix> ranges_in_use() const;
  [[nodiscard]] policies::PacketRules rules() const;
  [[nodiscard]] Result<void> change_ports(const HostPorts& before, const HostPorts& now);
  [[nodiscard]] Result<void> ask(const PodRequest& pod);
  [[nodiscard]] Result<void> make_bridge(Netlink& host);
  [[nodiscard]] Result<void> connect(const policies::Lease& lease, const std::string& pod,
                                     const UniqueFd& netns);
  [[nodiscard]] Result<void> tear_down();

  spec::NetworkConfig config_;
  Leases leases_;
  std::map<std::string, PodRequest> attached_;  ///< as far as this agent was told of them
  std::vector<spec::IpPrefix> ranges_;          ///< for new pods; once set up
  std::optional<Bridge> bridge_;                ///< once set up
};

}  // namespace podsd::network
