// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "agent/network/lane.hpp"
#include "agent/network/names/name_server.hpp"
#include "agent/network/network.hpp"

namespace podsd::network {

/// The engine's view of networks: pins each pod's namespace under /run/netns, where ip-netns(8) and people
/// find it, and has the provider connect it. The rules are Provider's.
class PodNetworks {
 public:
  /// Without a provider pods have a loopback interface only. `names` listens on the pods' gateways as long as
  /// there are any; null where those are not this host's.
  PodNetworks(Lane& lane, std::unique_ptr<Provider> provider, NameServer* names);

  void prepare(const PodRequest& pod);
  /// `netns` is the pod's namespace. After an error nothing of the network is left but the pod's addresses.
  void attach(const PodRequest& pod, UniqueFd netns, Done<void> done);
  void detach(const std::string& id, Done<void> done);
  void release(const std::string& id);
  void keep_only(const std::set<std::string>& ids);
  /// No effect on a pod that is not attached, and on one that has been told the same already.
  void update(const PodRequest& pod);

  /// What an attached pod has; null for others.
  [[nodiscard]] const Attachment* find(const std::string& id) const;

  /// Where a pod finds the names of others: at its own gateways, or, with the host's network, at any. Empty:
  /// nowhere.
  [[nodiscard]] std::vector<std::string> nameservers(const std::string& id) const;

 private:
  void attached(const PodRequest& pod, Result<Attachment> result, const Done<void>& done);

  void serve_names();

  Lane& lane_;
  std::unique_ptr<Provider> provider_;
  NameServer* names_;
  std::string names_error_;  ///< what the journal was told last
  Attachments attachments_;
  std::map<std::string, PodRequest> told_;  ///< of attached pods, by id: what the provider knows
};

}  // namespace podsd::network
