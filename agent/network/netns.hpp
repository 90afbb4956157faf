// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <set>
#include <string>

#include "agent/os/unique_fd.hpp"
#include "spec/result.hpp"

namespace podsd::network {

/// Where a pod's namespace is pinned: /run/netns/ID (ip-netns(8)).
[[nodiscard]] std::string netns_path(const std::string& id);

/// Binds a namespace to its path, in place of what an earlier pod of that name left there.
[[nodiscard]] Result<void> pin_netns(const std::string& id, const UniqueFd& netns);

/// Removes the pin; none is no error. The namespace lives on with its processes.
[[nodiscard]] Result<void> unpin_netns(const std::string& id);

/// Removes the pins of pods that are not among these.
[[nodiscard]] Result<void> unpin_all_except(const std::set<std::string>& ids);

/// The network namespace of a process. The caller knows that the process lives. Errors: as of open(2).
[[nodiscard]] Result<UniqueFd> open_netns(int pid);

/// Has the calling thread in another network namespace, until its end.
class InNetns {
 public:
  /// Errors: as of setns(2).
  [[nodiscard]] static Result<InNetns> enter(const UniqueFd& netns);
  InNetns(InNetns&&) = default;
  InNetns& operator=(InNetns&&) = delete;
  ~InNetns();

 private:
  explicit InNetns(UniqueFd before) : before_(std::move(before)) {}
  UniqueFd before_;
};

}  // namespace podsd::network
