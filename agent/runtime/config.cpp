// SPDX-License-Identifier: Apache-2.0
#include "agent/runtime/config.hpp"

#include <sys/personality.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "agent/runtime/json_node.hpp"
#include "agent/runtime/mount_options.hpp"

namespace podsd::runtime {
namespace {

// (uid_t)-1 means "leave as it is" to setresuid(2): it must never pass for a user.
constexpr std::int64_t max_id = 0xfffffffe;

std::uint32_t id(const Node& node) {
  return static_cast<std::uint32_t>(node.number(0, max_id));
}

std::string absolute_path(const Node& node) {
  std::string path = node.text();
  if (path.empty() || path.front() != '/') node.complain("must be an absolute path");
  return path;
}

void refuse(const Node& node) {
  if (!node.blank()) node.complain("is not supported yet");
}

// Three numbers, and behind - or + what a release of those is (semver.org, 2).
bool is_semantic(std::string_view version) {
  constexpr std::string_view digits = "0123456789";
  for (int part = 0; part < 3; ++part) {
    const std::size_t size = std::min(version.find_first_not_of(digits), version.size());
    if (size == 0 || (size > 1 && version.front() == '0')) return false;
    version.remove_prefix(size);
    if (part == 2) break;
    if (!version.starts_with('.')) return false;
    version.remove_prefix(1);
  }
  return version.empty() || ((version.front() == '-' || version.front() == '+') && version.size() > 1);
}

void read_version(const Node& node) {
  std::string version = node.text();
  if (!version.starts_with("1.") || !is_semantic(version)) node.complain("must be a version 1.x.y");
}

// A path that does not begin at / counts from there all the same (config.md, "Mounts").
std::string destination(const Node& node) {
  std::string path = node.text();
  if (!path.empty() && path.front() != '/') path.insert(0, 1, '/');
  if (path.empty()) node.complain("must not be empty");
  return path;
}

IdMap read_map(const Node& node) {
  IdMap map;
  node.each([&](const Node& one) {
    const auto number = [&](const char* key) {
      return static_cast<std::uint32_t>(one.at(key).number(0, UINT32_MAX));
    };
    map.push_back({number("containerID"), number("hostID"), number("size")});
  });
  if (map.empty()) return map;
  if (auto checked = check_map(map); !checked) node.complain(checked.error().message());
  return map;
}

UserMaps read_maps(const Node& node) {
  UserMaps maps{read_map(node.at("uidMappings")), read_map(node.at("gidMappings"))};
  if (maps.uids.empty() != maps.gids.empty())
    node.at(maps.uids.empty() ? "uidMappings" : "gidMappings").complain("is missing beside the other");
  return maps;
}

Mount read_mount(const Node& node) {
  Mount mount{destination(node.at("destination")), node.at("type").text(), node.at("source").text(),
              node.at("options").texts(), read_maps(node)};
  if (mount.destination.find_first_not_of('/') == std::string::npos)
    node.at("destination").complain("must not be the root");
  return mount;
}

Capabilities read_capabilities(const Node& node) {
  return {node.at("bounding").texts(), node.at("effective").texts(), node.at("permitted").texts(),
          node.at("inheritable").texts(), node.at("ambient").texts()};
}

void read_user(const Node& node, Process& process) {
  process.uid = id(node.at("uid"));
  process.gid = id(node.at("gid"));
  process.umask = static_cast<std::uint32_t>(node.at("umask").number(0, 0777, 0022));
  node.at("additionalGids").each([&](const Node& gid) { process.additional_gids.push_back(id(gid)); });
}

void read_scheduling(const Node& node, Process& process) {
  if (Node scheduler = node.at("scheduler"); scheduler.present())
    process.scheduler = read_scheduler(scheduler);
  if (Node priority = node.at("ioPriority"); priority.present())
    process.io_priority = read_io_priority(priority);
  process.initial_cpus = read_cpus(node.at("execCPUAffinity").at("initial"));
  process.final_cpus = read_cpus(node.at("execCPUAffinity").at("final"));
}

Process read_process(const Node& node) {
  Process process;
  process.args = node.at("args").texts();
  if (process.args.empty()) node.at("args").complain("must have at least one word");
  process.env = node.at("env").texts();
  process.cwd = absolute_path(node.at("cwd"));
  process.capabilities = read_capabilities(node.at("capabilities"));
  process.no_new_privileges = node.at("noNewPrivileges").flag();
  process.terminal = node.at("terminal").flag();
  if (Node size = node.at("consoleSize"); process.terminal && size.present()) {
    process.terminal_rows = static_cast<std::uint16_t>(size.at("height").number(0, UINT16_MAX));
    process.terminal_columns = static_cast<std::uint16_t>(size.at("width").number(0, UINT16_MAX));
  }
  read_user(node.at("user"), process);
  node.at("rlimits").each([&](const Node& limit) {
    process.rlimits.push_back(
        {limit.at("type").text(), limit.at("soft").unsigned_number(), limit.at("hard").unsigned_number()});
  });
  read_scheduling(node, process);
  process.apparmor = node.at("apparmorProfile").text();
  process.selinux = node.at("selinuxLabel").text();
  if (Node score = node.at("oomScoreAdj"); score.present())
    process.oom_score_adj = static_cast<int>(score.number(-1000, 1000));
  return process;
}

Device read_device(const Node& node) {
  Device device;
  device.path = absolute_path(node.at("path"));
  std::string type = node.at("type").text();
  if (type == "u") type = "c";
  if (type != "c" && type != "b" && type != "p") node.at("type").complain("must be c, u, b or p");
  device.type = type.empty() ? 'c' : type.front();
  if (device.type != 'p' && !(node.at("major").present() && node.at("minor").present()))
    node.complain("needs major and minor");
  device.major = static_cast<std::uint32_t>(node.at("major").number(0, 0xfff));
  device.minor = static_cast<std::uint32_t>(node.at("minor").number(0, 0xfffff));
  device.mode = static_cast<std::uint32_t>(node.at("fileMode").number(0, 0177777, 0666)) & 07777;
  device.uid = id(node.at("uid"));
  device.gid = id(node.at("gid"));
  return device;
}

// The only domains that the specification has; it has no flags.
std::uint32_t read_personality(const Node& node) {
  std::string domain = node.at("domain").text();
  if (domain != "LINUX" && domain != "LINUX32") node.at("domain").complain("must be LINUX or LINUX32");
  if (!node.at("flags").blank()) node.at("flags").complain("must be empty");
  return domain == "LINUX32" ? PER_LINUX32 : PER_LINUX;
}

void read_linux(const Node& node, Config& config) {
  refuse(node.at("netDevices"));
  // Nothing here could be sure to have bound a container to its share of a cache.
  if (!node.at("intelRdt").blank()) node.at("intelRdt").complain("is not supported: no resctrl is managed");
  if (Node personality = node.at("personality"); personality.present())
    config.process.personality = read_personality(personality);
  config.mount_label = node.at("mountLabel").text();
  if (Node policy = node.at("memoryPolicy"); policy.present())
    config.memory_policy = read_memory_policy(policy);
  config.root_propagation = node.at("rootfsPropagation").text();
  if (!config.root_propagation.empty() && propagation_flags(config.root_propagation) == 0)
    node.at("rootfsPropagation").complain("is not known: " + config.root_propagation);
  node.at("namespaces").each([&](const Node& one) {
    config.namespaces.push_back({one.at("type").text(), one.at("path").text()});
  });
  config.ids = read_maps(node);
  node.at("timeOffsets").each_member([&](const std::string& clock, const Node& one) {
    if (clock != "monotonic" && clock != "boottime") return one.complain("must be monotonic or boottime");
    constexpr std::int64_t most_seconds = std::int64_t{1} << 33;  // the kernel stops at 2^63 ns
    config.time_offsets.push_back({clock, one.at("secs").number(-most_seconds, most_seconds),
                                   static_cast<std::uint32_t>(one.at("nanosecs").number(0, 999'999'999))});
  });
  node.at("devices").each([&](const Node& one) { config.devices.push_back(read_device(one)); });
  node.at("sysctl").each_member(
      [&](const std::string& key, const Node& value) { config.sysctl[key] = value.text(); });
  config.cgroups_path = node.at("cgroupsPath").text();
  // Read also where it asks for nothing, to find what is wrong in it.
  Node resources = node.at("resources");
  if (Resources read = read_resources(resources); !resources.blank()) config.resources = std::move(read);
  if (Node seccomp = node.at("seccomp"); !seccomp.blank()) {
    config.seccomp = seccomp.json();
    config.seccomp_listener = seccomp.at("listenerPath").text();
    config.seccomp_metadata = seccomp.at("listenerMetadata").text();
  }
  node.at("maskedPaths").each([&](const Node& path) { config.masked_paths.push_back(absolute_path(path)); });
  node.at("readonlyPaths").each([&](const Node& path) {
    config.readonly_paths.push_back(absolute_path(path));
  });
}

Config read_config(const Node& node) {
  Config config;
  read_version(node.at("ociVersion"));
  config.hooks = read_hooks(node.at("hooks"));
  config.root = node.at("root").at("path").text();
  if (config.root.empty()) node.at("root").at("path").complain("must not be empty");
  config.root_readonly = node.at("root").at("readonly").flag();
  config.hostname = node.at("hostname").text();
  config.domainname = node.at("domainname").text();
  node.at("mounts").each([&](const Node& mount) { config.mounts.push_back(read_mount(mount)); });
  node.at("annotations").each_member([&](const std::string& key, const Node& value) {
    if (key.empty()) value.complain("must have a key");
    config.annotations[key] = value.text();
  });
  if (!node.at("process").present()) node.at("process").complain("is missing");
  config.process = read_process(node.at("process"));
  if (!node.at("linux").present()) node.at("linux").complain("is missing");
  read_linux(node.at("linux"), config);
  return config;
}

std::string syntax_error(const nlohmann::json::exception& error) {
  std::string text = error.what();
  auto end = text.find("] ");
  return end == std::string::npos ? text : text.substr(end + 2);
}

template <typename Value, typename Reader>
Result<Value> parse(std::string_view text, const char* what, const char* path, Reader read) {
  try {
    auto document = nlohmann::json::parse(text);
    std::optional<Error> error;
    Value value = read(Node(&document, path, &error));
    if (error) return fail(what, error->subject + " " + error->what);
    return value;
  } catch (const nlohmann::json::exception& error) {
    return fail(what, syntax_error(error));
  }
}

}  // namespace

Result<Config> parse_config(std::string_view text) {
  return parse<Config>(text, "config.json", "", read_config);
}

Result<Process> parse_process(std::string_view text) {
  return parse<Process>(text, "process", "process", read_process);
}

}  // namespace podsd::runtime
