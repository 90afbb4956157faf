// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "agent/network/netlink.hpp"
#include "agent/network/network.hpp"

namespace podsd::network {

/// The inside of a pod's network namespace.
class PodSide {
 public:
  /// Also has interfaces that come later take no router advertisements, with which one pod could make itself
  /// the router of others (CVE-2020-10749). To be called before there is one.
  [[nodiscard]] static Result<PodSide> open(const UniqueFd& netns);

  /// Gives the pod's interface its addresses and default routes, and takes it up.
  [[nodiscard]] Result<void> configure(const Attachment& attachment, std::uint32_t mtu);

 private:
  explicit PodSide(Netlink netlink) : netlink_(std::move(netlink)) {}
  Netlink netlink_;
};

}  // namespace podsd::network
