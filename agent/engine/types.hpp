// SPDX-License-Identifier: Apache-2.0
// The nouns of the engine: the CRI's, as plain values (cri-api runtime/v1: PodSandboxConfig,
// ContainerConfig).
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "agent/network/network.hpp"
#include "agent/os/unique_fd.hpp"
#include "policies/exit.hpp"
#include "spec/config.hpp"
#include "spec/pod_names.hpp"
#include "spec/result.hpp"
#include "units/plan.hpp"
#include "units/status.hpp"

namespace podsd::engine {

/// Where podsd keeps its things; see "Names" of the design.
struct Paths {
  std::filesystem::path manifests = "/etc/pods.d";
  std::filesystem::path run = "/run/podsd";        ///< survives the agent, not a reboot
  std::filesystem::path state = "/var/lib/podsd";  ///< survives a reboot
  std::filesystem::path libexec;                   ///< holds podsd-sandbox and podsd-runtime
};

/// Other OCI runtimes than podsd's own, by the name in a pod's runtimeClassName.
using Runtimes = std::map<std::string, spec::Runtime>;

/// A volume of a pod that the engine makes: an empty directory, or a tmpfs.
struct EmptyVolume {
  std::string name;
  bool memory = false;
  std::uint64_t size = 0;  ///< bytes of the tmpfs; 0: the kernel's default
};

struct SandboxSpec {
  std::string id;  ///< the pod slice's name without ".slice": names the folders
  units::UnitPlan slice;
  units::UnitPlan scope;
  network::PodRequest pod;     ///< as networks know it
  std::string hostname;        ///< of the uts namespace
  std::string short_hostname;  ///< without the domain
  std::string domain;          ///< empty: none
  spec::PodNames names;
  bool host_network = false;
  bool own_users = false;      ///< a user namespace of its own
  std::uint32_t first_id = 0;  ///< of its 65,536 ids; filled in by the engine
  std::string runtime;         ///< one of Runtimes; empty: podsd's own
  std::vector<EmptyVolume> volumes;
  bool fresh = true;  ///< empty volumes are emptied
};

/// One mount into a container.
struct Mount {
  enum class Kind { host_path, volume, image } kind = Kind::host_path;
  std::string source;  ///< a path of the host, the name of an EmptyVolume, or an image's reference
  spec::HostPathType type = spec::HostPathType::unset;  ///< of a host path: what it must be, or is made as
  std::string target;
  bool read_only = false;
  std::string sub_path = {};  ///< below an image's root; empty: that itself
  bool operator==(const Mount&) const = default;
};

/// One bind mount, resolved to a path of the host.
struct Bind {
  std::string source, target;
  bool read_only = false;
  bool of_host = false;   ///< a host path: what the host's users own belongs to the same users of the pod
  bool of_image = false;  ///< nothing in it is executed
};

struct ContainerSpec {
  std::string name;
  std::uint32_t attempt = 0;
  std::string image;
  std::vector<std::string> command, args;
  std::vector<spec::EnvVar> env;
  std::string working_dir;
  spec::SecurityContext security;
  bool stdin = false, stdin_once = false, tty = false;  ///< with one of them its sandbox holds its streams
  std::map<std::string, std::string> sysctls;           ///< of the pod's namespaces
  std::vector<Mount> mounts;
  units::UnitPlan scope;
  int oom_score_adj = 0;
  std::map<std::string, std::string>
      annotations;  ///< into the OCI config, for people and tools; never interpreted
  bool operator==(const ContainerSpec&) const = default;
};

/// Another process in a container.
struct ExecSpec {
  std::string container;
  std::vector<std::string> command;
  UniqueFd stdin_fd, stdout_fd, stderr_fd;
  UniqueFd status_fd;   ///< writing end of a pipe that gets its wait status, an int32_t
  UniqueFd console_fd;  ///< unbound stream socket that gets the master of its terminal; none: no terminal
  std::uint32_t rows = 0, columns = 0;  ///< of the terminal; 0: unknown
};

/// A session at a container that runs.
struct AttachSpec {
  std::string container;
  bool input = false;  ///< something comes from in_fd
  UniqueFd in_fd, out_fd, err_fd;
  UniqueFd control_fd;  ///< see Attach in agent/sandbox/protocol.hpp
};

/// What a session has.
struct AttachedStreams {
  bool output = false;  ///< else the output is in the journal only
  bool input = false, terminal = false;
};

/// The root of a container that runs, and the user that it runs as.
struct ContainerRoot {
  UniqueFd fd;     ///< O_PATH
  UniqueFd users;  ///< its user namespace, in which uid and gid are numbers
  std::uint32_t uid = 0, gid = 0;
};

/// A container that runs.
struct ContainerInfo {
  int pid = 0;           ///< of its init, in the agent's pid namespace
  std::string image_id;  ///< the image's digest, "sha256:…"
};

/// Why a container could not be started, and how far it came.
struct StartFailure {
  /// image: the store has none of that name; bad_image: it cannot be used
  enum class Stage { image, bad_image, config, create, run } stage = Stage::create;
  Error error;
  std::string image = {};  ///< of the stage image: which one
};

/// A container that an earlier agent started, by its own record.
struct KnownContainer {
  std::string name;
  std::uint32_t attempt = 0;
  int pid = 0;  ///< 0: its start was under way
  std::string scope;
};

/// One container's end.
struct ContainerExit {
  std::string sandbox;
  std::string container;
  std::uint32_t attempt = 0;
  policies::ExitFacts facts;
  units::Instant finished_at = 0;
  bool stopped = false;  ///< systemd stopped the scope without asking the engine
};

}  // namespace podsd::engine
