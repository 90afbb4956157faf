// SPDX-License-Identifier: Apache-2.0
// The part of an OCI runtime-spec configuration (config.json, 1.0 to 1.3) that this runtime carries out.
// Plain values, read and checked without touching the system. Fields unknown to the specification are
// ignored, as it demands; what it knows and this runtime does not do yet is an error, so that nothing runs
// with less confinement than it was written for.
//
// podsd writes neither linux.cgroupsPath nor linux.resources: it has put the runtime into the container's
// scope, with its limits, before it starts.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/runtime/hooks.hpp"
#include "agent/runtime/id_map.hpp"
#include "agent/runtime/resources.hpp"
#include "agent/runtime/scheduling.hpp"
#include "spec/result.hpp"

namespace podsd::runtime {

struct Mount {
  std::string destination;
  std::string type;
  std::string source;
  std::vector<std::string> options;
  UserMaps ids = {};  ///< uidMappings, gidMappings: from the ids on the disk to those seen
};

/// process.capabilities: five lists of names ("CAP_CHOWN").
struct Capabilities {
  std::vector<std::string> bounding, effective, permitted, inheritable, ambient;
};

struct Rlimit {
  std::string type;
  std::uint64_t soft = 0, hard = 0;
};

struct Process {
  std::vector<std::string> args;
  std::vector<std::string> env;
  std::string cwd;
  std::uint32_t uid = 0, gid = 0;
  std::vector<std::uint32_t> additional_gids;
  std::uint32_t umask = 0022;
  Capabilities capabilities;
  std::vector<Rlimit> rlimits;
  bool no_new_privileges = false;
  std::optional<int> oom_score_adj;
  std::optional<std::uint32_t> personality;  ///< linux.personality, as personality(2) takes it
  std::optional<Scheduler> scheduler;
  std::optional<int> io_priority;
  std::vector<unsigned long> initial_cpus, final_cpus;  ///< of exec: before and in the container's cgroup
  std::string apparmor, selinux;                        ///< profile and label of the program; empty: none
  bool terminal = false;
  std::uint16_t terminal_rows = 0, terminal_columns = 0;  ///< 0: the kernel's default
};

struct Namespace {
  std::string type;  ///< as in the specification: "pid", "network", …
  std::string path;  ///< empty: a new one
};

/// linux.timeOffsets: what is added to a clock inside (time_namespaces(7)).
struct TimeOffset {
  std::string clock;  ///< "monotonic" or "boottime"
  std::int64_t seconds = 0;
  std::uint32_t nanoseconds = 0;
};

struct Device {
  std::string path;
  char type = 'c';  ///< c, b, p
  std::uint32_t major = 0, minor = 0;
  std::uint32_t mode = 0666;
  std::uint32_t uid = 0, gid = 0;
};

/// linux.netDevices: a device of the runtime's network namespace that goes into the container's.
struct NetDevice {
  std::string from;  ///< its name
  std::string to;    ///< and there; "%d" in it stands for the first number that is free
};

struct Config {
  std::string root;  ///< as written: absolute, or relative to the bundle
  bool root_readonly = false;
  std::string hostname, domainname;
  std::vector<Mount> mounts;
  Process process;
  std::vector<Namespace> namespaces;
  UserMaps ids;  ///< linux.uidMappings, linux.gidMappings
  std::vector<TimeOffset> time_offsets;
  std::vector<Device> devices;
  std::vector<NetDevice> net_devices;
  std::map<std::string, std::string> sysctl;
  std::vector<std::string> masked_paths, readonly_paths;
  std::map<std::string, std::string> annotations;
  std::string root_propagation;  ///< "rslave", …; empty: none is asked for
  std::string mount_label;       ///< of SELinux; empty: none
  std::optional<MemoryPolicy> memory_policy;
  std::string cgroups_path;  ///< as written, see cgroup_target()
  std::optional<Resources> resources;
  Hooks hooks;
  std::string seccomp_listener, seccomp_metadata;  ///< whom SCMP_ACT_NOTIFY asks
  std::string seccomp;  ///< linux.seccomp as JSON, for seccomp_filter(); empty: none
};

/// Most bytes that a config.json may have.
inline constexpr std::size_t max_config_bytes = 16U << 20;

/// Reads a config.json. The error names the field.
[[nodiscard]] Result<Config> parse_config(std::string_view text);

/// Reads an object like "process" of a config.json.
[[nodiscard]] Result<Process> parse_process(std::string_view text);

}  // namespace podsd::runtime
