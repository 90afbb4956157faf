// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nlohmann/json.hpp>

#include <string>
#include <vector>

#include "agent/engine/types.hpp"
#include "agent/image/store.hpp"
#include "agent/image/user.hpp"

namespace podsd::engine {

/// A device of the host that a privileged container gets.
struct HostDevice {
  std::string path;
  char type = 'c';
  unsigned major = 0, minor = 0;
  unsigned mode = 0, uid = 0, gid = 0;
};

/// What turns into one config.json. All of it is known before a process exists: the function below is pure.
struct OciInput {
  const ContainerSpec& container;
  const image::ImageConfig& image;
  const image::UserInfo& user;
  std::string hostname;                      ///< for $HOSTNAME; the uts namespace is the sandbox's
  std::vector<Bind> binds;                   ///< in order; those of the manifest come last
  nlohmann::ordered_json seccomp = nullptr;  ///< linux.seccomp; null: none
  std::vector<HostDevice> devices = {};      ///< of a privileged container
  std::uint32_t first_id = 0;                ///< of the pod's user namespace; 0: the host's
  std::string user_namespace = {};           ///< its path
  std::string cgroups_path = "";  ///< linux.cgroupsPath; empty: none, the runtime leaves cgroups alone
};

/// The process's arguments: command and args over the image's Entrypoint and Cmd, as Kubernetes merges them
/// ("Define a Command and Arguments for a Container"), with $(NAME) expanded from the manifest's env.
[[nodiscard]] std::vector<std::string> container_args(const ContainerSpec& container,
                                                      const image::ImageConfig& image);

/// The environment: the image's, then the manifest's with $(NAME) of earlier entries expanded, then PATH,
/// HOSTNAME, HOME and, with a terminal, TERM where nobody set them.
[[nodiscard]] std::vector<std::string> container_env(const OciInput& input);

/// An OCI runtime-spec 1.0.2 configuration. The network, ipc and uts namespaces are inherited from the pod's
/// sandbox, and so not listed; cgroup limits are the scope's business, so linux.resources is absent. Errors:
/// nothing to run.
[[nodiscard]] Result<nlohmann::ordered_json> oci_config(const OciInput& input);

/// The signal that asks a container to end, from an image's StopSignal: "SIGQUIT", "QUIT", "3"; SIGTERM where
/// it says nothing sensible.
[[nodiscard]] int stop_signal(const std::string& text);

/// Annotation of config.json that carries the image's StopSignal (OCI image-spec conversion.md).
inline constexpr const char* stop_signal_annotation = "org.opencontainers.image.stopSignal";

}  // namespace podsd::engine
