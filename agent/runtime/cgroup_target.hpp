// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "spec/result.hpp"

namespace podsd::runtime {

/// Where a container's processes go (config-linux.md, "Cgroups Path").
struct CgroupTarget {
  std::string path;          ///< without systemd: below the root of the unified hierarchy, from "/" on
  std::string slice, scope;  ///< with systemd: units; the scope is made in the slice
  /// Neither: the container stays in the cgroup of who called the runtime.
  [[nodiscard]] bool is_callers() const { return path.empty() && scope.empty(); }
};

/// Reads linux.cgroupsPath.
/// - Without systemd an absolute path starts at the root of the hierarchy, a relative one beside the cgroup
///   that the runtime is in (`own`), as runc has it: below that, the kernel would let no controller in, since
///   the caller's own processes are there. Without a path, resources make it the id.
/// - With systemd it is SLICE:PREFIX:NAME for the scope PREFIX-NAME.scope (NAME.scope without a prefix); an
///   empty slice is system.slice, or user.slice for who is not root; without a path the scope is
///   podsd-runtime-ID.scope.
/// Errors: ".." in a path; something else than three parts; a name that systemd does not take.
[[nodiscard]] Result<CgroupTarget> cgroup_target(const std::string& cgroups_path, bool systemd,
                                                 bool has_resources, const std::string& id,
                                                 const std::string& own, bool is_root);

}  // namespace podsd::runtime
