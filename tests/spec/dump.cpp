// SPDX-License-Identifier: Apache-2.0
#include "dump.hpp"

#include "spec/findings.hpp"

namespace podsd::spec {
namespace {

class Dump {
 public:
  void text(const std::string& name, const std::string& value) {
    if (!value.empty()) out_ += name + " " + excerpt(value, 400) + "\n";
  }
  void number(const std::string& name, std::int64_t value) {
    out_ += name + " " + std::to_string(value) + "\n";
  }
  template <typename T>
  void number(const std::string& name, const std::optional<T>& value) {
    if (value) number(name, static_cast<std::int64_t>(*value));
  }
  void flag(const std::string& name, bool value) {
    if (value) out_ += name + "\n";
  }
  void container(const std::string& path, const Container& c);
  void names(const PodNames& n);
  void volume(const std::string& path, const Volume& v);

  std::string out_;
};

void Dump::container(const std::string& path, const Container& c) {
  text(path + " name", c.name);
  text(path + " image", c.image);
  number(path + " pull", static_cast<std::int64_t>(c.image_pull_policy));
  for (const std::string& word : c.command) text(path + " command", word);
  for (const std::string& word : c.args) text(path + " args", word);
  for (const EnvVar& variable : c.env)
    out_ += path + " env " + variable.name + "=" + excerpt(variable.value) + "\n";
  text(path + " workingDir", c.working_dir);
  number(path + " limits.cpu", c.resources.limits.cpu_milli);
  number(path + " limits.memory", c.resources.limits.memory_bytes);
  number(path + " requests.cpu", c.resources.requests.cpu_milli);
  number(path + " requests.memory", c.resources.requests.memory_bytes);
  for (const VolumeMount& mount : c.volume_mounts)
    out_ += path + " mount " + mount.name + " " + mount.mount_path + (mount.read_only ? " ro" : "") +
            (mount.sub_path.empty() ? "" : " below " + mount.sub_path) + "\n";
  for (const ContainerPort& port : c.ports)
    out_ += path + " port " + port.name + " " + std::to_string(port.container_port) + " " + port.protocol +
            " host " + (port.host_ip ? to_string(*port.host_ip) + " " : "") + std::to_string(port.host_port) +
            "\n";
  number(path + " user", c.security.run_as_user);
  number(path + " group", c.security.run_as_group);
  flag(path + " read-only", c.security.read_only_root_filesystem);
  flag(path + " no-new-privileges", !c.security.allow_privilege_escalation);
  flag(path + " non-root", c.security.run_as_non_root);
  flag(path + " privileged", c.security.privileged);
  flag(path + " stdin", c.stdin);
  flag(path + " stdin-once", c.stdin_once);
  flag(path + " tty", c.tty);
  for (const std::string& name : c.security.add_capabilities) text(path + " capability", "+" + name);
  for (const std::string& name : c.security.drop_capabilities) text(path + " capability", "-" + name);
  for (const std::uint32_t group : c.security.supplemental_groups)
    number(path + " supplemental-group", group);
  if (c.security.seccomp != SeccompProfile{})
    text(path + " seccomp", c.security.seccomp.type == SeccompProfile::Type::localhost
                                ? c.security.seccomp.localhost_profile
                                : "unconfined");
}

void Dump::names(const PodNames& n) {
  if (n.policy != DnsPolicy::cluster_first) number("dns", static_cast<std::int64_t>(n.policy));
  for (const std::string& nameserver : n.dns.nameservers) text("nameserver", nameserver);
  for (const std::string& search : n.dns.searches) text("search", search);
  for (const DnsOption& option : n.dns.options)
    text("dns-option", option.name + (option.value ? ":" + *option.value : ""));
  for (const HostAlias& alias : n.host_aliases)
    for (const std::string& name : alias.hostnames) text("alias", alias.ip + " " + name);
  text("hostname", n.hostname);
  text("subdomain", n.subdomain);
  flag("hostname-as-fqdn", n.hostname_as_fqdn);
}

void Dump::volume(const std::string& path, const Volume& v) {
  if (const auto* host = std::get_if<HostPath>(&v.source)) {
    out_ += path + " " + v.name + " hostPath " + host->path + " " +
            std::to_string(static_cast<int>(host->type)) + "\n";
    return;
  }
  if (const auto* image = std::get_if<ImageVolume>(&v.source)) {
    out_ += path + " " + v.name + " image " + image->reference + " " +
            std::to_string(static_cast<int>(image->pull_policy)) + "\n";
    return;
  }
  const auto& dir = std::get<EmptyDir>(v.source);
  out_ += path + " " + v.name + " emptyDir" + (dir.memory ? " memory" : "");
  if (dir.size_limit) out_ += " " + std::to_string(*dir.size_limit);
  out_ += "\n";
}

}  // namespace

std::string dump(const Pod& pod) {
  Dump d;
  d.text("name", pod.name);
  d.text("namespace", pod.ns);
  d.text("uid", pod.uid);
  for (const auto& [key, value] : pod.labels) d.out_ += "label " + key + "=" + excerpt(value) + "\n";
  for (const auto& [key, value] : pod.annotations)
    d.out_ += "annotation " + key + "=" + excerpt(value) + "\n";
  d.number("restart", static_cast<std::int64_t>(pod.restart_policy));
  d.number("grace", pod.termination_grace_period_seconds);
  d.flag("host-network", pod.host_network);
  d.flag("own-users", !pod.host_users);
  for (const auto& [key, value] : pod.sysctls) d.out_ += "sysctl " + key + "=" + excerpt(value) + "\n";
  d.names(pod.names);
  d.number("ingress", pod.bandwidth.ingress);
  d.number("egress", pod.bandwidth.egress);
  d.out_ += "at " + std::to_string(pod.position.line) + ":" + std::to_string(pod.position.column) + "\n";
  for (const Container& c : pod.init_containers) d.container("init", c);
  for (const Container& c : pod.containers) d.container("container", c);
  for (const Volume& v : pod.volumes) d.volume("volume", v);
  return d.out_;
}

std::string dump(const Manifest& manifest) {
  std::string out;
  for (const Diagnostic& diagnostic : manifest.diagnostics) out += diagnostic.text() + "\n";
  for (const Pod& pod : manifest.pods) out += "pod\n" + dump(pod);
  return out;
}

}  // namespace podsd::spec
