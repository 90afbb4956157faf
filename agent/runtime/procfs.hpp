// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "agent/os/unique_fd.hpp"
#include "spec/result.hpp"

namespace podsd::runtime {

/// The host's procfs, opened before the container's root is entered and verified to be the root of a real
/// procfs, so that no image can put a file of its own where /proc is written.
class Procfs {
 public:
  [[nodiscard]] static Result<Procfs> open();

  /// Writes one value to a file ("self/oom_score_adj", "sys/net/…"). Links and mounts that lead out of procfs
  /// are refused.
  [[nodiscard]] Result<void> write(const std::string& path, const std::string& value) const;

  /// Writes a sysctl ("net/ipv4/…"), on a procfs of its own where one can be made: containers as hosts have
  /// parts of /proc/sys read-only.
  [[nodiscard]] Result<void> write_sysctl(const std::string& path, const std::string& value) const;

  /// Has sysctls written on this procfs of the process's namespaces from now on.
  void use_for_sysctls(UniqueFd procfs) { sysctls_ = std::move(procfs); }

  /// True if this process's namespace of that kind ("net", "ipc") is another one than that of PID 1.
  [[nodiscard]] Result<bool> has_own(const std::string& ns) const;

 private:
  explicit Procfs(UniqueFd fd) : fd_(std::move(fd)) {}
  UniqueFd fd_;
  UniqueFd sysctls_;
};

}  // namespace podsd::runtime
