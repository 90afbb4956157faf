// SPDX-License-Identifier: Apache-2.0
// Carrying out a Plan's operations, one function each, in the container's init. They run in a fresh copy of a
// single-threaded process, so they may allocate.
#pragma once

#include <optional>

#include "agent/os/unique_fd.hpp"
#include "agent/runtime/plan.hpp"
#include "agent/runtime/procfs.hpp"
#include "agent/runtime/seccomp_agent.hpp"
#include "agent/runtime/state.hpp"

namespace podsd::runtime {

/// What the operations hand on to each other.
struct Setup {
  explicit Setup(Procfs verified) : proc(std::move(verified)) {}

  Procfs proc;
  UniqueFd bundle;  ///< relative paths of the host start here
  UniqueFd root;    ///< the container's, after EnterRoot
  const LoadedFilter* filter = nullptr;
  SeccompAgent* agent = nullptr;      ///< who supervises the filter
  const UniqueFd* console = nullptr;  ///< the socket that the master of its terminal goes to
  const UniqueFd* runtime = nullptr;  ///< the pipe to it, both ways
  const State* state = nullptr;       ///< what hooks are told of
  UniqueFd prepared;         ///< the mount made beforehand for the operation at hand, if there is one
  UniqueFd empty_directory;  ///< the mount that masks directories, once there is one
};

[[nodiscard]] Result<void> apply(Setup&, const DetachPropagation&);
[[nodiscard]] Result<void> apply(Setup&, const EnterRoot&);
[[nodiscard]] Result<void> apply(Setup&, const BindMount&);
[[nodiscard]] Result<void> apply(Setup&, const FilesystemMount&);
[[nodiscard]] Result<void> apply(Setup&, const CgroupBind&);
[[nodiscard]] Result<void> apply(Setup&, const SetRootPropagation&);
[[nodiscard]] Result<void> apply(Setup&, const CreateDevice&);
[[nodiscard]] Result<void> apply(Setup&, const CreateLink&);
[[nodiscard]] Result<void> apply(Setup&, const CreateDirectory&);
[[nodiscard]] Result<void> apply(Setup&, const WriteSysctl&);
[[nodiscard]] Result<void> apply(Setup&, const ReadonlyPath&);
[[nodiscard]] Result<void> apply(Setup&, const MaskPath&);
[[nodiscard]] Result<void> apply(Setup&, const OpenTerminal&);
[[nodiscard]] Result<void> apply(Setup&, const AwaitRuntime&);
[[nodiscard]] Result<void> apply(Setup&, const RunHooks&);
[[nodiscard]] Result<void> apply(Setup&, const MakeRootReadonly&);
[[nodiscard]] Result<void> apply(Setup&, const SetHostname&);
[[nodiscard]] Result<void> apply(Setup&, const SetDomainname&);
[[nodiscard]] Result<void> apply(Setup&, const SetOomScore&);
[[nodiscard]] Result<void> apply(Setup&, const RaiseRlimit&);
[[nodiscard]] Result<void> apply(Setup&, const SetRlimit&);
[[nodiscard]] Result<void> apply(Setup&, const SetPersonality&);
[[nodiscard]] Result<void> apply(Setup&, const SetScheduler&);
[[nodiscard]] Result<void> apply(Setup&, const SetIoPriority&);
[[nodiscard]] Result<void> apply(Setup&, const SetMemoryPolicy&);
[[nodiscard]] Result<void> apply(Setup&, const SetAffinity&);
[[nodiscard]] Result<void> apply(Setup&, const RequireSelinux&);
[[nodiscard]] Result<void> apply(Setup&, const SetLabels&);
[[nodiscard]] Result<void> apply(Setup&, const ChangeRoot&);
[[nodiscard]] Result<void> apply(Setup&, const BecomeUser&);

[[nodiscard]] inline Result<void> apply(Setup& setup, const Op& op) {
  return std::visit([&](const auto& one) { return apply(setup, one); }, op);
}

}  // namespace podsd::runtime
