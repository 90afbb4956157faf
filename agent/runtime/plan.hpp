// SPDX-License-Identifier: Apache-2.0
// A container's set-up as data: which namespaces, then a list of operations in the order in which the
// container's init carries them out, then the program. Made from a Config without touching the system, so
// that it can be tested as it is.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "agent/runtime/config.hpp"
#include "agent/runtime/mount_options.hpp"
#include "agent/runtime/seccomp.hpp"
#include "spec/result.hpp"

namespace podsd::runtime {

// All paths of operations are paths inside the container's root, and are walked without leaving it, except
// where an operation says otherwise.

/// Makes the whole mount tree a slave of what it was copied from (or private), so that no mount of the
/// container gets out.
struct DetachPropagation {
  bool to_private = false;
};

/// Opens the root (a path of the host, absolute or relative to the bundle) and makes it a mount of its own if
/// it is none.
struct EnterRoot {
  std::string path;
};

/// A bind mount of a path of the host (absolute, or relative to the bundle).
struct BindMount {
  std::string source, target;
  MountOptions options;
  UserMaps ids = {};  ///< with options.idmap; empty: the container's own
};

/// A file system, or with options.remount new options for the mount that is there.
struct FilesystemMount {
  std::string type, source, target;
  MountOptions options;
  bool real_directory = false;  ///< the target must not be reached through a symbolic link (proc, sysfs)
};

/// The container's own cgroup, where it sees those of the host.
struct CgroupBind {
  std::string target;
  MountOptions options;
};

/// The propagation of the mounts from the container's root on, in which they are for who is inside.
struct SetRootPropagation {
  unsigned long flags;  ///< MS_SHARED, MS_UNBINDABLE | MS_REC, …
};

struct CreateDevice {
  Device device;
};

/// A symbolic link; one that is there already is left as it is.
struct CreateLink {
  std::string path, points_to;
};

/// A directory with its parents, mode 0755, owned by root.
struct CreateDirectory {
  std::string path;
};

/// Writes a sysctl; where its namespace was not made for this container, after making sure that it is not
/// that of PID 1.
struct WriteSysctl {
  std::string key, value;
  std::string ns;       ///< as in /proc/self/ns: "net" or "ipc"
  bool is_new = false;  ///< the container makes that namespace itself, or has it by its user namespace
};

/// Makes a path and all below it read-only; nothing to do where it does not exist.
struct ReadonlyPath {
  std::string path;
};

/// Hides a file behind /dev/null and a directory behind an empty one; nothing to do where it does not exist.
struct MaskPath {
  std::string path;
};

/// Opens a pseudoterminal of the container's devpts, makes it standard input, output and error and the
/// controlling terminal, and sends its master away.
struct OpenTerminal {
  std::uint16_t rows = 0, columns = 0;  ///< 0: the kernel's default
  std::uint32_t uid = 0;                ///< whom it belongs to
  bool console = false;                 ///< it is bound on /dev/console, too
};

/// Tells the runtime that all is there but the new root, or only its network namespace and its mounts, and
/// waits until it has run its hooks, or moved network devices.
struct AwaitRuntime {
  bool for_devices = false;
};

/// Runs the hooks createContainer.
struct RunHooks {
  std::vector<Hook> hooks;
};

struct MakeRootReadonly {};

struct SetHostname {
  std::string name;
};
struct SetDomainname {
  std::string name;
};

struct SetOomScore {
  int score;
};

/// Makes room below a hard limit, so that SetRlimit needs no privileges any more.
struct RaiseRlimit {
  int resource;
  std::string name;
  std::uint64_t hard;
};

struct SetRlimit {
  int resource;
  std::string name;
  std::uint64_t soft, hard;
};

struct SetPersonality {
  std::uint32_t persona;
};
struct SetScheduler {
  Scheduler scheduler;
};
struct SetIoPriority {
  int priority;
};
struct SetMemoryPolicy {
  MemoryPolicy policy;
};
struct SetAffinity {
  std::vector<unsigned long> cpus;
};

/// Fails where the kernel has no SELinux, while the host's /sys is still there.
struct RequireSelinux {
  std::string label;
};

/// What the program is labelled with; empty: nothing.
struct SetLabels {
  std::string apparmor, selinux;
};

/// Makes the container's root this process's root and drops the host's tree.
struct ChangeRoot {
  bool by_pivot = true;  ///< false (--no-pivot, for roots on a ramfs): by moving the mount and chroot(2)
};

/// Goes to the working directory and becomes the user. The directory is entered before, since the user may
/// not reach it afterwards, and verified to lie inside the root.
struct BecomeUser {
  std::string cwd;
  std::uint32_t uid = 0, gid = 0;
  std::vector<std::uint32_t> groups;
  std::uint32_t umask = 0;
  std::uint64_t bounding = 0, effective = 0, permitted = 0, inheritable = 0, ambient = 0;  ///< bits
  bool no_new_privileges = false;
};

using Op =
    std::variant<DetachPropagation, EnterRoot, BindMount, FilesystemMount, CgroupBind, SetRootPropagation,
                 CreateDevice, CreateLink, CreateDirectory, WriteSysctl, ReadonlyPath, MaskPath, OpenTerminal,
                 AwaitRuntime, RunHooks, MakeRootReadonly, SetHostname, SetDomainname, SetOomScore,
                 RaiseRlimit, SetRlimit, SetPersonality, SetScheduler, SetIoPriority, SetMemoryPolicy,
                 SetAffinity, RequireSelinux, SetLabels, ChangeRoot, BecomeUser>;

/// An existing namespace to enter.
struct JoinNamespace {
  std::uint64_t flag;
  std::string path;  ///< of the host
};

/// The container's user namespace.
struct UserNamespace {
  std::string path;  ///< of one to enter; empty: a new one
  UserMaps maps;     ///< of a new one; of one to enter what it must have, unless empty
};

struct Plan {
  std::uint64_t new_namespaces = 0;   ///< CLONE_NEW*, without that of the user namespace
  std::vector<JoinNamespace> joins;   ///< without that of the user namespace
  std::optional<UserNamespace> user;  ///< none: the caller's
  std::string time_offsets;           ///< text of /proc/PID/timens_offsets for a new time namespace
  std::vector<Op> early;  ///< what needs the caller's privileges: done before any namespace is entered
  std::vector<Op> ops;
  std::vector<NetDevice> net_devices;
  std::vector<std::string> args;
  std::vector<std::string> env;
  bool no_new_privileges = false;      ///< then the filter is loaded last
  LoadedFilter filter;                 ///< put in place by who runs the plan, see seccomp_filter()
  std::vector<std::string> ungranted;  ///< capabilities that were asked for and cannot be had
  std::vector<Hook> start_hooks;       ///< startContainer
  std::uint32_t uid = 0;               ///< whose home directory HOME names where env has none
};

struct PlanOptions {
  bool no_pivot = false;
};

/// What another process in a container does: limits, user, working directory. Its namespaces are the
/// container's.
[[nodiscard]] Result<Plan> build_process_plan(const Process& process);

/// Takes away the capabilities that are not among `held`, which this process has: nobody can hand on what he
/// lacks. Gives the names of those that were asked for (config.md, "Linux Process": a runtime says so and
/// goes on).
[[nodiscard]] std::vector<std::string> limit_capabilities(Plan& plan, std::uint64_t held);

/// Errors name the field and what is wrong with it; nothing is skipped silently.
[[nodiscard]] Result<Plan> build_plan(const Config& config, const PlanOptions& options = {});

}  // namespace podsd::runtime
