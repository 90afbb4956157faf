// SPDX-License-Identifier: Apache-2.0
// agent/network owns what a pod's network namespace is connected with. It knows namespaces, links, addresses,
// routes and packet filters, and must never know containers, units or manifests.
//
// This header is the seam: the engine speaks to PodNetworks (pod_networks.hpp), which pins namespaces and
// hands them to one Provider. There is one provider per agent; podsd.yaml chooses it.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "agent/os/unique_fd.hpp"
#include "policies/host_ports.hpp"
#include "spec/ip.hpp"
#include "spec/result.hpp"

namespace podsd::network {

/// The interface in the pod.
inline constexpr const char* pod_interface = "eth0";

/// One pod, as a provider needs to know it.
struct PodRequest {
  std::string id;  ///< of the sandbox: unique on this host, and a safe file name
  std::string ns;  ///< the pod's namespace, name and uid, as of metadata
  std::string name;
  std::string uid;
  std::vector<policies::HostPort> ports;  ///< of the host, to lead to the pod
  spec::Bandwidth bandwidth = {};         ///< of the pod's interface
  bool operator==(const PodRequest&) const = default;
};

/// What a pod has got.
struct Attachment {
  std::string interface;                  ///< in the pod
  std::vector<spec::IpPrefix> addresses;  ///< of that interface, the primary one first
  std::vector<spec::IpAddress> gateways;  ///< of its default routes; an address of this host that pods reach
  bool operator==(const Attachment&) const = default;
};

using Attachments = std::map<std::string, Attachment>;  ///< by PodRequest::id

template <typename T>
using Done = std::function<void(Result<T>)>;

/// Connects pods. Single-threaded; no call blocks, and every `done` is called exactly once, from the loop.
/// Calls for one pod never overlap; those for several do.
class Provider {
 public:
  virtual ~Provider() = default;

  /// A pod will be attached soon: what can be done without its namespace may be done meanwhile. Errors show
  /// in attach().
  virtual void prepare(const PodRequest& pod) = 0;

  /// Connects the namespace `netns`, which is pinned at `path`, has loopback up and nothing else. After an
  /// error detach() follows.
  virtual void attach(const PodRequest& pod, UniqueFd netns, const std::string& path,
                      Done<Attachment> done) = 0;

  /// What an attached pod asks for is this from now on: ports and bandwidth change without a new attach(). At
  /// the agent's start it is called for each pod that an earlier agent attached, before keep_only(). Errors
  /// are logged.
  virtual void update(const PodRequest& pod) = 0;

  /// Removes what attach() made, if only half. Nothing there is no error. The namespace may be gone; its
  /// processes are. Addresses stay the pod's.
  virtual void detach(const std::string& id, Done<void> done) = 0;

  /// The pod is gone for good, detached before: its addresses are anybody's.
  virtual void release(const std::string& id) = 0;

  /// At the agent's start: what earlier agents attached and did not detach, by their own records. Blocks.
  [[nodiscard]] virtual Attachments known() = 0;

  /// At the agent's start, once the pods are known: removes what belongs to none of `ids`, and puts in order
  /// what all share.
  virtual void keep_only(const std::set<std::string>& ids) = 0;
};

}  // namespace podsd::network
