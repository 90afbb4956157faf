// SPDX-License-Identifier: Apache-2.0
#include "agent/kube/parts.hpp"

namespace podsd::kube {
namespace {

using Json = nlohmann::ordered_json;

const char* text(spec::RestartPolicy policy) {
  switch (policy) {
    case spec::RestartPolicy::always:
      return "Always";
    case spec::RestartPolicy::on_failure:
      return "OnFailure";
    case spec::RestartPolicy::never:
      return "Never";
  }
  return "";
}

const char* text(spec::PullPolicy policy) {
  switch (policy) {
    case spec::PullPolicy::if_not_present:
      return "IfNotPresent";
    case spec::PullPolicy::always:
      return "Always";
    case spec::PullPolicy::never:
      return "Never";
  }
  return "";
}

const char* text(spec::HostPathType type) {
  switch (type) {
    case spec::HostPathType::unset:
      return "";
    case spec::HostPathType::directory_or_create:
      return "DirectoryOrCreate";
    case spec::HostPathType::directory:
      return "Directory";
    case spec::HostPathType::file_or_create:
      return "FileOrCreate";
    case spec::HostPathType::file:
      return "File";
    case spec::HostPathType::socket:
      return "Socket";
    case spec::HostPathType::char_device:
      return "CharDevice";
    case spec::HostPathType::block_device:
      return "BlockDevice";
  }
  return "";
}

void put_list(Json& object, const char* key, const std::vector<std::string>& list) {
  for (const std::string& item : list) object[key].push_back(utf8_text(item));
}

void put_resources(Json& object, const char* key, const spec::ResourceList& list) {
  if (list.cpu_milli) object[key]["cpu"] = cpu_text(*list.cpu_milli);
  if (list.memory_bytes) object[key]["memory"] = bytes_text(*list.memory_bytes);
}

Json port_json(const spec::ContainerPort& port) {
  Json out = Json::object();
  put(out, "name", port.name);
  out["containerPort"] = port.container_port;
  if (port.host_port != 0) out["hostPort"] = port.host_port;
  put(out, "protocol", port.protocol);
  if (port.host_ip) out["hostIP"] = spec::to_string(*port.host_ip);
  return out;
}

Json mount_json(const spec::VolumeMount& mount) {
  Json out = Json::object();
  put(out, "name", mount.name);
  if (mount.read_only) out["readOnly"] = true;
  put(out, "mountPath", mount.mount_path);
  if (!mount.sub_path.empty()) put(out, "subPath", mount.sub_path);
  return out;
}

void put_capabilities(Json& out, const char* verb, const std::vector<std::string>& names) {
  for (const std::string& name : names)
    out["capabilities"][verb].push_back(name.starts_with("CAP_") ? name.substr(4) : name);
}

Json seccomp_json(const spec::SeccompProfile& profile) {
  if (profile.type != spec::SeccompProfile::Type::localhost) return {{"type", "Unconfined"}};
  return {{"type", "Localhost"}, {"localhostProfile", utf8_text(profile.localhost_profile)}};
}

/// What the pod's own securityContext still says once the rest is merged into its containers.
Json pod_security_json(const spec::Pod& pod) {
  Json out = Json::object();
  const auto& first = pod.containers.empty() ? spec::SecurityContext{} : pod.containers.front().security;
  for (const std::uint32_t group : first.supplemental_groups) out["supplementalGroups"].push_back(group);
  for (const auto& [name, value] : pod.sysctls)
    out["sysctls"].push_back({{"name", utf8_text(name)}, {"value", utf8_text(value)}});
  return out;
}

Json security_json(const spec::SecurityContext& security) {
  Json out = Json::object();
  if (security.run_as_user) out["runAsUser"] = *security.run_as_user;
  if (security.run_as_group) out["runAsGroup"] = *security.run_as_group;
  if (security.read_only_root_filesystem) out["readOnlyRootFilesystem"] = true;
  if (!security.allow_privilege_escalation) out["allowPrivilegeEscalation"] = false;
  if (security.run_as_non_root) out["runAsNonRoot"] = true;
  if (security.privileged) out["privileged"] = true;
  put_capabilities(out, "add", security.add_capabilities);
  put_capabilities(out, "drop", security.drop_capabilities);
  if (security.seccomp != spec::SeccompProfile{}) out["seccompProfile"] = seccomp_json(security.seccomp);
  return out;
}

Json container_json(const spec::Container& container) {
  Json out = Json::object();
  put(out, "name", container.name);
  put(out, "image", container.image);
  put_list(out, "command", container.command);
  put_list(out, "args", container.args);
  put(out, "workingDir", container.working_dir);
  for (const auto& port : container.ports) out["ports"].push_back(port_json(port));
  for (const auto& variable : container.env) {
    Json item = Json::object();
    item["name"] = utf8_text(variable.name);
    put(item, "value", variable.value);
    out["env"].push_back(std::move(item));
  }
  Json& resources = out["resources"] = Json::object();
  put_resources(resources, "limits", container.resources.limits);
  put_resources(resources, "requests", container.resources.requests);
  for (const auto& mount : container.volume_mounts) out["volumeMounts"].push_back(mount_json(mount));
  out["imagePullPolicy"] = text(container.image_pull_policy);
  Json security = security_json(container.security);
  if (!security.empty()) out["securityContext"] = std::move(security);
  if (container.stdin) out["stdin"] = true;
  if (container.stdin_once) out["stdinOnce"] = true;
  if (container.tty) out["tty"] = true;
  return out;
}

Json source_json(const spec::EmptyDir& source) {
  Json out = Json::object();
  if (source.memory) out["medium"] = "Memory";
  if (source.size_limit) out["sizeLimit"] = bytes_text(*source.size_limit);
  return out;
}

Json source_json(const spec::HostPath& source) {
  Json out = Json::object();
  out["path"] = utf8_text(source.path);
  out["type"] = text(source.type);
  return out;
}

Json source_json(const spec::ImageVolume& source) {
  Json out = Json::object();
  put(out, "reference", source.reference);
  out["pullPolicy"] = text(source.pull_policy);
  return out;
}

const char* field_of(const spec::EmptyDir&) {
  return "emptyDir";
}
const char* field_of(const spec::HostPath&) {
  return "hostPath";
}
const char* field_of(const spec::ImageVolume&) {
  return "image";
}

Json volume_json(const spec::Volume& volume) {
  Json out = Json::object();
  put(out, "name", volume.name);
  std::visit([&](const auto& source) { out[field_of(source)] = source_json(source); }, volume.source);
  return out;
}

}  // namespace

Json spec_json(const spec::Pod& pod) {
  Json out = Json::object();
  for (const auto& volume : pod.volumes) out["volumes"].push_back(volume_json(volume));
  for (const auto& container : pod.init_containers)
    out["initContainers"].push_back(container_json(container));
  out["containers"] = Json::array();
  for (const auto& container : pod.containers) out["containers"].push_back(container_json(container));
  out["restartPolicy"] = text(pod.restart_policy);
  out["terminationGracePeriodSeconds"] = pod.termination_grace_period_seconds;
  if (pod.host_network) out["hostNetwork"] = true;
  if (!pod.host_users) out["hostUsers"] = false;
  put_names(out, pod.names);
  put(out, "runtimeClassName", pod.runtime_class);
  if (Json security = pod_security_json(pod); !security.empty()) out["securityContext"] = std::move(security);
  return out;
}

}  // namespace podsd::kube
