// SPDX-License-Identifier: Apache-2.0
// The cgroup that the runtime makes for a container: by itself, or with --systemd-cgroup as a scope of
// systemd's. Below podsd there is none: the agent has put the runtime into the container's scope before.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "agent/runtime/cgroup.hpp"
#include "agent/runtime/cgroup_target.hpp"
#include "agent/runtime/config.hpp"
#include "agent/runtime/options.hpp"
#include "agent/runtime/state.hpp"
#include "spec/result.hpp"

namespace podsd::runtime {

class OwnCgroup {
 public:
  /// Finds out where it goes and what is set there; touches nothing. Errors: linux.cgroupsPath,
  /// linux.resources.
  [[nodiscard]] static Result<OwnCgroup> plan(const Options& options, const Config& config);

  /// The container stays in its caller's.
  [[nodiscard]] bool is_callers() const { return target_.is_callers(); }

  /// Without systemd: makes it with all limits, so that the container is born there.
  [[nodiscard]] Result<void> prepare();
  /// With systemd: moves a process that has done nothing yet into its new scope, with all limits.
  [[nodiscard]] Result<void> adopt(int pid);
  /// Where the container's first process is born; null where it is moved, or stays.
  [[nodiscard]] const UniqueFd* birthplace() const;
  [[nodiscard]] bool adopts() const { return !target_.scope.empty(); }

  /// Takes back what prepare() and adopt() did, once the processes are gone.
  void undo();

  /// What delete must know.
  void note(State& state) const;

 private:
  [[nodiscard]] Result<void> limit() const;
  [[nodiscard]] std::vector<std::string_view> controllers() const;

  CgroupTarget target_;
  std::string id_;
  bool in_user_namespace_ = false;
  std::vector<CgroupValue> values_;
  std::vector<DeviceRule> devices_;
  std::vector<std::string> properties_;
  std::optional<std::uint32_t> owner_;
  std::optional<Cgroup> cgroup_;
  bool started_ = false;  ///< the scope
};

/// A container's own cgroup. Errors: it has none; it is gone (ENOENT).
[[nodiscard]] Result<Cgroup> own_cgroup(const State& state);

/// Ends what still is in a container's own cgroup, and removes it, with its scope. None is no error. Of a
/// container that was being created when its runtime was killed nothing is ended, since the cgroup may be
/// another's.
[[nodiscard]] Result<void> remove_cgroup(const State& state);

}  // namespace podsd::runtime
