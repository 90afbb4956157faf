// SPDX-License-Identifier: Apache-2.0
#include "agent/engine/oci_config.hpp"

#include <algorithm>
#include <csignal>
#include <cstring>
#include <map>

#include "agent/engine/id_ranges.hpp"
#include "policies/isolation.hpp"
#include "spec/env.hpp"

namespace podsd::engine {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* default_path = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// The manifest's env with references resolved: an entry sees those before it.
std::map<std::string, std::string, std::less<>> resolved_env(const ContainerSpec& container) {
  std::map<std::string, std::string, std::less<>> known;
  const auto lookup = [&known](std::string_view name) -> std::optional<std::string> {
    const auto it = known.find(name);
    return it == known.end() ? std::nullopt : std::optional(it->second);
  };
  for (const spec::EnvVar& var : container.env) known[var.name] = spec::expand_references(var.value, lookup);
  return known;
}

std::vector<std::string> expand(const std::vector<std::string>& list, const ContainerSpec& container) {
  const auto known = resolved_env(container);
  std::vector<std::string> out;
  for (const std::string& text : list)
    out.push_back(
        spec::expand_references(text, [&known](std::string_view name) -> std::optional<std::string> {
          const auto it = known.find(name);
          return it == known.end() ? std::nullopt : std::optional(it->second);
        }));
  return out;
}

Json default_mounts(bool privileged) {
  const char* access = privileged ? "rw" : "ro";
  return Json::array(
      {{{"destination", "/proc"},
        {"type", "proc"},
        {"source", "proc"},
        {"options", {"nosuid", "noexec", "nodev"}}},
       {{"destination", "/dev"},
        {"type", "tmpfs"},
        {"source", "tmpfs"},
        {"options", {"nosuid", "strictatime", "mode=755", "size=65536k"}}},
       {{"destination", "/dev/pts"},
        {"type", "devpts"},
        {"source", "devpts"},
        {"options", {"nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5"}}},
       {{"destination", "/dev/mqueue"},
        {"type", "mqueue"},
        {"source", "mqueue"},
        {"options", {"nosuid", "noexec", "nodev"}}},
       {{"destination", "/sys"},
        {"type", "sysfs"},
        {"source", "sysfs"},
        {"options", {"nosuid", "noexec", "nodev", access}}},
       {{"destination", "/sys/fs/cgroup"},
        {"type", "cgroup"},
        {"source", "cgroup"},
        {"options", {"nosuid", "noexec", "nodev", "relatime", access}}}});
}

/// The pod's ids 0 to 65535, and those of the host.
Json id_map(std::uint32_t first_id) {
  return Json::array({{{"containerID", 0}, {"hostID", first_id}, {"size", ids_per_pod}}});
}

Json bind_mount(const Bind& bind, std::uint32_t first_id) {
  Json mount{{"destination", bind.target},
             {"type", "bind"},
             {"source", bind.source},
             {"options", {"rbind", "rprivate", bind.read_only ? "ro" : "rw"}}};
  if (bind.of_image)
    for (const char* option : {"noexec", "nosuid", "nodev"}) mount["options"].push_back(option);
  if (!bind.of_host || first_id == 0) return mount;
  mount["options"].push_back("ridmap");
  mount["uidMappings"] = mount["gidMappings"] = id_map(first_id);
  return mount;
}

Json capabilities(const spec::SecurityContext& security, const image::UserInfo& user) {
  // A user other than root gets none effective or permitted: execve(2) would drop them in any case.
  const Json all(policies::container_capabilities(security));
  const Json held = user.uid == 0 ? all : Json::array();
  return {{"bounding", all}, {"effective", held}, {"permitted", held}};
}

Json process(const OciInput& in) {
  Json p{{"terminal", in.container.tty}};
  p["user"] = {{"uid", in.user.uid}, {"gid", in.user.gid}};
  std::vector<std::uint32_t> groups = in.user.additional_gids;
  for (const std::uint32_t group : in.container.security.supplemental_groups)
    if (std::ranges::find(groups, group) == groups.end()) groups.push_back(group);
  if (!groups.empty()) p["user"]["additionalGids"] = groups;
  p["args"] = container_args(in.container, in.image);
  p["env"] = container_env(in);
  const std::string& cwd = in.container.working_dir.empty() ? in.image.working_dir : in.container.working_dir;
  p["cwd"] = cwd.empty() ? "/" : cwd;
  p["capabilities"] = capabilities(in.container.security, in.user);
  p["noNewPrivileges"] = !in.container.security.allow_privilege_escalation;
  p["oomScoreAdj"] = in.container.oom_score_adj;
  return p;
}

Json device_json(const HostDevice& device) {
  return {{"path", device.path},     {"type", std::string(1, device.type)},
          {"major", device.major},   {"minor", device.minor},
          {"fileMode", device.mode}, {"uid", device.uid},
          {"gid", device.gid}};
}

bool has_variable(const std::vector<std::string>& env, std::string_view name) {
  for (const std::string& entry : env)
    if (entry.size() > name.size() && entry.starts_with(name) && entry[name.size()] == '=') return true;
  return false;
}

}  // namespace

std::vector<std::string> container_args(const ContainerSpec& container, const image::ImageConfig& image) {
  std::vector<std::string> args = expand(container.command, container);
  std::vector<std::string> rest = expand(container.args, container);
  if (args.empty()) {
    args = image.entrypoint;
    if (rest.empty()) rest = image.cmd;
  }
  args.insert(args.end(), rest.begin(), rest.end());
  return args;
}

std::vector<std::string> container_env(const OciInput& input) {
  const auto set = resolved_env(input.container);
  std::vector<std::string> env;
  for (const std::string& entry : input.image.env)
    if (!set.contains(entry.substr(0, entry.find('=')))) env.push_back(entry);
  for (const auto& [name, value] : set) env.push_back(name + "=" + value);
  if (input.container.tty && !has_variable(env, "TERM")) env.emplace_back("TERM=xterm");
  if (!has_variable(env, "PATH")) env.emplace_back(default_path);
  if (!has_variable(env, "HOSTNAME")) env.push_back("HOSTNAME=" + input.hostname);
  if (!has_variable(env, "HOME")) env.push_back("HOME=" + (input.user.home.empty() ? "/" : input.user.home));
  return env;
}

Result<Json> oci_config(const OciInput& in) {
  Json config{{"ociVersion", "1.0.2"}};
  config["process"] = process(in);
  if (config["process"]["args"].empty())
    return fail("nothing to run: the manifest has no command and the image neither Entrypoint nor Cmd",
                in.container.image);
  config["root"] = {{"path", "rootfs"}, {"readonly", in.container.security.read_only_root_filesystem}};
  const bool privileged = in.container.security.privileged;
  config["mounts"] = default_mounts(privileged);
  for (const Bind& bind : in.binds) config["mounts"].push_back(bind_mount(bind, in.first_id));
  config["annotations"] = in.container.annotations;
  if (!in.image.stop_signal.empty()) config["annotations"][stop_signal_annotation] = in.image.stop_signal;
  Json& os = config["linux"];
  os["namespaces"] = {{{"type", "pid"}}, {{"type", "mount"}}, {{"type", "cgroup"}}};
  if (in.first_id != 0) {
    os["namespaces"].push_back({{"type", "user"}, {"path", in.user_namespace}});
    os["uidMappings"] = os["gidMappings"] = id_map(in.first_id);
  }
  if (!privileged) {
    os["maskedPaths"] = policies::masked_paths;
    os["readonlyPaths"] = policies::readonly_paths;
  }
  for (const HostDevice& device : in.devices) os["devices"].push_back(device_json(device));
  if (!in.cgroups_path.empty()) os["cgroupsPath"] = in.cgroups_path;
  if (!in.container.sysctls.empty()) os["sysctl"] = in.container.sysctls;
  if (!in.seccomp.is_null()) os["seccomp"] = in.seccomp;
  return config;
}

int stop_signal(const std::string& text) {
  if (text.empty()) return SIGTERM;
  if (text.find_first_not_of("0123456789") == std::string::npos) {
    const long number = text.size() > 3 ? 0 : std::stol(text);
    return number > 0 && number <= SIGRTMAX ? static_cast<int>(number) : SIGTERM;
  }
  const std::string_view name =
      text.starts_with("SIG") ? std::string_view(text).substr(3) : std::string_view(text);
  for (int signal = 1; signal < NSIG; ++signal)
    if (const char* known = ::sigabbrev_np(signal); known != nullptr && name == known) return signal;
  return SIGTERM;
}

}  // namespace podsd::engine
