// SPDX-License-Identifier: Apache-2.0
// A Pod as podsd runs it: the supported part of core/v1 Pod, checked and with defaults filled in.
// Plain values: no YAML, no JSON, no file. Field names follow the Kubernetes API reference.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "spec/ip.hpp"
#include "spec/pod_names.hpp"

namespace podsd::spec {

/// Where a field stands in its manifest, counted from 1; 0 means unknown.
struct Position {
  int line = 0;
  int column = 0;
  bool operator==(const Position&) const = default;
};

/// core/v1 Pod.spec.restartPolicy
enum class RestartPolicy { always, on_failure, never };

/// core/v1 Container.imagePullPolicy
enum class PullPolicy { if_not_present, always, never };

/// One EnvVar with a literal value; $(VAR) references are already kept as text and are expanded by
/// expand_env() (see env.hpp), because they may name variables that come from the image.
struct EnvVar {
  std::string name;
  std::string value;
  bool operator==(const EnvVar&) const = default;
};

/// requests or limits. cpu in milli-CPUs rounded up (core/v1 "100m"), memory in bytes rounded up.
struct ResourceList {
  std::optional<std::int64_t> cpu_milli;
  std::optional<std::int64_t> memory_bytes;
  bool operator==(const ResourceList&) const = default;
};

/// core/v1 ResourceRequirements. A request that is absent defaults to the limit of the same resource.
struct Resources {
  ResourceList limits;
  ResourceList requests;
  bool operator==(const Resources&) const = default;
};

/// core/v1 VolumeMount
struct VolumeMount {
  std::string name;
  std::string mount_path;  ///< absolute, without ':'
  bool read_only = false;
  std::string sub_path = {};  ///< of an image volume: below its root; relative, without ".."
  bool operator==(const VolumeMount&) const = default;
};

/// core/v1 SeccompProfile
struct SeccompProfile {
  enum class Type { runtime_default, unconfined, localhost } type = Type::runtime_default;
  std::string localhost_profile;  ///< relative, without ".."; not empty exactly where the type is localhost
  bool operator==(const SeccompProfile&) const = default;
};

/// core/v1 SecurityContext, the supported part. Container values win over the pod's (already merged).
struct SecurityContext {
  std::optional<std::uint32_t> run_as_user;
  std::optional<std::uint32_t> run_as_group;
  bool read_only_root_filesystem = false;
  /// allowPrivilegeEscalation: absent or true leaves no_new_privs unset.
  bool allow_privilege_escalation = true;
  bool run_as_non_root = false;  ///< checked against the numeric user at every start
  bool privileged = false;
  std::vector<std::string> add_capabilities = {}, drop_capabilities = {};  ///< "CAP_CHOWN", or "ALL"
  std::vector<std::uint32_t> supplemental_groups = {};                     ///< the pod's
  SeccompProfile seccomp = {};
  bool operator==(const SecurityContext&) const = default;
};

/// core/v1 ContainerPort. Without a host port it is informational.
struct ContainerPort {
  std::string name;
  std::uint16_t container_port = 0;
  std::string protocol = "TCP";
  std::uint16_t host_port = 0;                      ///< 0: none; with hostNetwork the container's
  std::optional<IpAddress> host_ip = std::nullopt;  ///< absent: every address of the host
  Position position = {};                           ///< of hostPort, or of the port; ignored by ==

  bool operator==(const ContainerPort& o) const {
    return name == o.name && container_port == o.container_port && protocol == o.protocol &&
           host_port == o.host_port && host_ip == o.host_ip;
  }
};

struct Container {
  std::string name;
  std::string image;
  PullPolicy image_pull_policy = PullPolicy::if_not_present;
  std::vector<std::string> command;  ///< replaces the image's Entrypoint (and its Cmd)
  std::vector<std::string> args;     ///< replaces the image's Cmd
  std::vector<EnvVar> env;
  std::string working_dir;  ///< empty: the image's
  Resources resources;
  std::vector<VolumeMount> volume_mounts;
  std::vector<ContainerPort> ports;
  SecurityContext security;
  bool stdin = false;       ///< a standard input that `podsctl attach` reaches
  bool stdin_once = false;  ///< it ends with the first session at it
  bool tty = false;
  Position position;  ///< of the container's mapping in the manifest; ignored by ==

  bool operator==(const Container& o) const {
    return name == o.name && image == o.image && image_pull_policy == o.image_pull_policy &&
           command == o.command && args == o.args && env == o.env && working_dir == o.working_dir &&
           resources == o.resources && volume_mounts == o.volume_mounts && ports == o.ports &&
           security == o.security && stdin == o.stdin && stdin_once == o.stdin_once && tty == o.tty;
  }
};

/// core/v1 EmptyDirVolumeSource
struct EmptyDir {
  bool memory = false;                     ///< medium: Memory
  std::optional<std::int64_t> size_limit;  ///< bytes
  bool operator==(const EmptyDir&) const = default;
};

/// core/v1 HostPathVolumeSource.type
enum class HostPathType {
  unset,  ///< "": no check
  directory_or_create,
  directory,
  file_or_create,
  file,
  socket,
  char_device,
  block_device,
};

/// core/v1 HostPathVolumeSource
struct HostPath {
  std::string path;  ///< absolute
  HostPathType type = HostPathType::unset;
  bool operator==(const HostPath&) const = default;
};

/// core/v1 ImageVolumeSource (KEP-4639): what an image has, read-only and without execution
struct ImageVolume {
  std::string reference;
  PullPolicy pull_policy = PullPolicy::if_not_present;
  bool operator==(const ImageVolume&) const = default;
};

struct Volume {
  std::string name;
  std::variant<EmptyDir, HostPath, ImageVolume> source;
  bool operator==(const Volume&) const = default;
};

/// Annotations kubernetes.io/ingress-bandwidth and egress-bandwidth, in bits per second; absent: no limit.
struct Bandwidth {
  std::optional<std::int64_t> ingress;  ///< to the pod
  std::optional<std::int64_t> egress;   ///< from the pod
  bool operator==(const Bandwidth&) const = default;
};

struct Pod {
  std::string name;
  std::string ns = "default";
  std::string uid;  ///< metadata.uid; empty: the agent makes one
  std::map<std::string, std::string> labels;
  std::map<std::string, std::string> annotations;
  std::vector<Container> init_containers;
  std::vector<Container> containers;
  std::vector<Volume> volumes;
  RestartPolicy restart_policy = RestartPolicy::always;
  std::int64_t termination_grace_period_seconds = 30;
  bool host_network = false;
  bool host_users = true;                      ///< false: a user namespace of its own (KEP-127)
  std::map<std::string, std::string> sysctls;  ///< PodSecurityContext.sysctls, all of them safe
  PodNames names;
  std::string runtime_class;  ///< runtimeClassName; empty: podsd's own runtime
  Bandwidth bandwidth;        ///< said by annotations
  Position position;          ///< of the document in its file; ignored by ==

  bool operator==(const Pod& o) const {
    return name == o.name && ns == o.ns && uid == o.uid && labels == o.labels &&
           annotations == o.annotations && init_containers == o.init_containers &&
           containers == o.containers && volumes == o.volumes && restart_policy == o.restart_policy &&
           termination_grace_period_seconds == o.termination_grace_period_seconds &&
           host_network == o.host_network && host_users == o.host_users && sysctls == o.sysctls &&
           names == o.names && runtime_class == o.runtime_class;
  }
};

}  // namespace podsd::spec
