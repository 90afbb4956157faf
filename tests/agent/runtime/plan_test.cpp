// SPDX-License-Identifier: Apache-2.0
#include "agent/runtime/plan.hpp"

#include <sched.h>

#include <algorithm>

#include "agent/runtime/names.hpp"
#include "bundle.hpp"

using namespace podsd::runtime;
using json = nlohmann::json;

namespace {

Config minimal() {
  return *parse_config(minimal_config().dump());
}

std::string error_of(const Config& config) {
  auto plan = build_plan(config);
  return plan ? "" : plan.error().message();
}

template <typename T>
std::vector<T> all(const Plan& plan) {
  std::vector<T> found;
  for (const Op& op : plan.ops)
    if (auto* one = std::get_if<T>(&op)) found.push_back(*one);
  return found;
}

template <typename T>
std::ptrdiff_t position(const Plan& plan) {
  auto at = std::ranges::find_if(plan.ops, [](const Op& op) { return std::holds_alternative<T>(op); });
  BOOST_REQUIRE(at != plan.ops.end());
  return at - plan.ops.begin();
}

}  // namespace

BOOST_AUTO_TEST_SUITE(plan)

BOOST_AUTO_TEST_CASE(operations_come_in_their_order) {
  Config config = minimal();
  config.mounts = {{"/data", "bind", "/host", {"rbind"}}, {"/tmp", "tmpfs", "tmpfs", {}}};
  config.masked_paths = {"/proc/kcore"};
  config.readonly_paths = {"/proc/sys"};
  config.root_readonly = true;
  config.process.rlimits = {{"RLIMIT_NOFILE", 10, 20}};
  auto plan = build_plan(config);
  BOOST_REQUIRE(plan);
  BOOST_TEST(plan->new_namespaces == static_cast<std::uint64_t>(CLONE_NEWPID | CLONE_NEWNS));
  BOOST_TEST(position<DetachPropagation>(*plan) == 0);
  BOOST_TEST(position<EnterRoot>(*plan) == 1);
  BOOST_TEST(position<BindMount>(*plan) == 2);
  BOOST_TEST(position<FilesystemMount>(*plan) == 3);
  BOOST_TEST(position<CreateDevice>(*plan) == 4);
  BOOST_TEST(position<CreateDirectory>(*plan) > position<CreateLink>(*plan));
  BOOST_TEST(position<MaskPath>(*plan) > position<ReadonlyPath>(*plan));
  BOOST_TEST(position<MakeRootReadonly>(*plan) > position<MaskPath>(*plan));
  BOOST_TEST(position<ChangeRoot>(*plan) > position<SetRlimit>(*plan));
  BOOST_TEST(static_cast<std::size_t>(position<BecomeUser>(*plan)) == plan->ops.size() - 1);
}

BOOST_AUTO_TEST_CASE(namespaces) {
  Config config = minimal();
  config.namespaces.push_back({"pid", ""});
  BOOST_TEST(error_of(config) == "a namespace is listed twice: pid");
  config = minimal();
  config.namespaces.push_back({"user", ""});
  BOOST_TEST(error_of(config) == "a new user namespace needs linux.uidMappings and linux.gidMappings");
  config.namespaces.back() = {"bogus", ""};
  BOOST_TEST(error_of(config) == "unknown namespace type: bogus");
  config.namespaces = {{"pid", ""}};
  BOOST_TEST(error_of(config) == "a container without a mount namespace of its own is not supported");
  config.namespaces = {{"mount", ""}, {"network", "/run/netns/x"}};
  auto plan = build_plan(config);
  BOOST_REQUIRE(plan);
  BOOST_TEST(plan->joins.at(0).flag == static_cast<std::uint64_t>(CLONE_NEWNET));
  BOOST_TEST(plan->new_namespaces == static_cast<std::uint64_t>(CLONE_NEWNS));
}

BOOST_AUTO_TEST_CASE(mounts) {
  Config config = minimal();
  config.mounts = {{"/a", "", "", {"bind"}}};
  BOOST_TEST(error_of(config) == "a bind mount without a source: /a");
  config.mounts = {{"/a", "", "x", {}}};
  BOOST_TEST(error_of(config) == "a mount without a type: /a");
  config.mounts = {{"/a", "tmpfs", "x", {"idmap"}}};
  BOOST_TEST(error_of(config) == "only a bind mount can be idmapped: /a");
  config.mounts = {{"/sys/fs/cgroup", "cgroup", "cgroup", {}}};
  BOOST_TEST(all<CgroupBind>(*build_plan(config)).at(0).target == "/sys/fs/cgroup");
  config.namespaces.push_back({"cgroup", ""});
  auto plan = build_plan(config);
  BOOST_REQUIRE(plan);
  BOOST_TEST(all<FilesystemMount>(*plan).at(0).type == "cgroup2");
}

BOOST_AUTO_TEST_CASE(devices) {
  Config config = minimal();
  config.devices = {{"/dev/null", 'c', 1, 3, 0600, 7, 8}, {"/dev/fuse", 'c', 10, 229, 0666, 0, 0}};
  auto plan = build_plan(config);
  BOOST_REQUIRE(plan);
  auto devices = all<CreateDevice>(*plan);
  BOOST_TEST(devices.size() == 7U);
  BOOST_TEST(std::ranges::count(devices, "/dev/null", [](const auto& op) { return op.device.path; }) == 1);
  BOOST_TEST(all<CreateLink>(*plan).size() == 5U);
  config.mounts = {{"/dev", "bind", "/dev", {"rbind"}}};
  plan = build_plan(config);
  BOOST_REQUIRE(plan);
  BOOST_TEST(all<CreateDevice>(*plan).empty());
}

BOOST_AUTO_TEST_CASE(network_devices_are_there_before_the_sysctls) {
  Config config = minimal();
  config.net_devices = {{"out0", "in0"}};
  std::erase_if(config.namespaces, [](const Namespace& ns) { return ns.type == "network"; });
  BOOST_TEST(error_of(config) == "linux.netDevices need a network namespace of the container's own");
  config.namespaces.push_back({"network", ""});
  config.sysctl = {{"net.ipv4.conf.in0.forwarding", "1"}};
  auto plan = build_plan(config);
  BOOST_REQUIRE(plan && plan->net_devices.size() == 1U);
  BOOST_TEST(all<AwaitRuntime>(*plan).front().for_devices);
  BOOST_TEST(position<AwaitRuntime>(*plan) < position<WriteSysctl>(*plan));
}

BOOST_AUTO_TEST_CASE(sysctls_of_the_host_are_refused) {
  Config config = minimal();
  for (const char* key : {"kernel.panic", "vm.swappiness", "fs.file-max", "kernel.shm", "kernel.hostname",
                          "net/../kernel", "net.."}) {
    config.sysctl = {{key, "1"}};
    BOOST_TEST(error_of(config).starts_with("a sysctl that does not belong to a namespace"), key);
  }
  config.sysctl = {{"net.ipv4.ip_forward", "1"},
                   {"net/ipv4/conf/eth0.1/forwarding", "1"},
                   {"kernel.shmmax", "2"},
                   {"fs.mqueue.msg_max", "3"}};
  auto plan = build_plan(config);
  BOOST_REQUIRE(plan);
  auto sysctls = all<WriteSysctl>(*plan);
  BOOST_TEST(sysctls.size() == 4U);
  BOOST_TEST(std::ranges::count(sysctls, "net.ipv4.conf.eth0/1.forwarding", &WriteSysctl::key) == 1);
  BOOST_TEST(std::ranges::count(sysctls, "ipc", &WriteSysctl::ns) == 2);
}

BOOST_AUTO_TEST_CASE(limits_and_capabilities) {
  Config config = minimal();
  config.process.rlimits = {{"RLIMIT_BOGUS", 1, 1}};
  BOOST_TEST(error_of(config) == "unknown rlimit: RLIMIT_BOGUS");
  config.process.rlimits = {{"RLIMIT_CORE", 2, 1}};
  BOOST_TEST(error_of(config) == "the soft limit is above the hard one: RLIMIT_CORE");
  config.process.rlimits = {{"RLIMIT_CORE", 1, 1}, {"RLIMIT_CORE", 1, 1}};
  BOOST_TEST(error_of(config) == "an rlimit is listed twice: RLIMIT_CORE");
  config = minimal();
  config.process.capabilities = {};
  config.process.capabilities.bounding = {"CAP_BOGUS", "CAP_CHOWN", "CAP_CHECKPOINT_RESTORE"};
  config.process.capabilities.effective = {"CAP_CHOWN"};
  config.process.capabilities.ambient = {"CAP_KILL"};
  auto plan = build_plan(config);
  BOOST_REQUIRE(plan);
  const BecomeUser user = all<BecomeUser>(*plan).at(0);
  BOOST_TEST(user.bounding == ((std::uint64_t{1} << 40) | 1));
  BOOST_TEST((user.effective | user.ambient) == 0U);
  const std::vector<std::string> ungranted = {"CAP_BOGUS", "CAP_CHOWN (effective)", "CAP_KILL (ambient)"};
  BOOST_TEST(plan->ungranted == ungranted);
}

BOOST_AUTO_TEST_CASE(names_need_a_uts_namespace) {
  Config config = minimal();
  config.hostname = "web";
  BOOST_TEST(error_of(config) == "a hostname or domainname needs a uts namespace of the container's own");
  config.namespaces.push_back({"uts", ""});
  BOOST_TEST(error_of(config) == "");
}

BOOST_AUTO_TEST_CASE(scheduling_and_labels) {
  json config = minimal_config();
  config["process"]["scheduler"] = {
      {"policy", "SCHED_FIFO"}, {"priority", 5}, {"flags", {"SCHED_FLAG_RESET_ON_FORK"}}};
  config["process"]["ioPriority"] = {{"class", "IOPRIO_CLASS_BE"}, {"priority", 3}};
  config["process"]["execCPUAffinity"] = {{"initial", "0"}, {"final", "1"}};
  config["process"]["apparmorProfile"] = "profile";
  config["process"]["selinuxLabel"] = "label";
  config["linux"]["mountLabel"] = "mounts";
  config["linux"]["personality"] = {{"domain", "LINUX32"}};
  config["linux"]["memoryPolicy"] = {{"mode", "MPOL_BIND"}, {"nodes", "0,2"}};
  config["mounts"] = {{{"destination", "tmp"}, {"type", "tmpfs"}, {"options", {"size=1k"}}}};
  auto plan = build_plan(*parse_config(config.dump()));
  BOOST_REQUIRE(plan);
  BOOST_REQUIRE(plan->early.size() == 2U);
  BOOST_TEST(std::get<SetScheduler>(plan->early[0]).scheduler.priority == 5U);
  BOOST_TEST(std::get<SetScheduler>(plan->early[0]).scheduler.flags == 1U);
  BOOST_TEST(std::get<SetIoPriority>(plan->early[1]).priority == (2 << 13 | 3));
  BOOST_TEST(all<SetPersonality>(*plan).at(0).persona == 8U);
  BOOST_TEST(all<SetMemoryPolicy>(*plan).at(0).policy.nodes.at(0) == 5U);
  BOOST_TEST(all<SetAffinity>(*plan).empty());
  BOOST_TEST(all<SetLabels>(*plan).at(0).apparmor == "profile");
  BOOST_TEST(position<RequireSelinux>(*plan) == 0);
  BOOST_TEST(all<FilesystemMount>(*plan).at(0).target == "/tmp");
  BOOST_TEST(all<FilesystemMount>(*plan).at(0).options.data == "size=1k,context=\"mounts\"");
  BOOST_TEST(all<SetAffinity>(*build_process_plan(parse_config(config.dump())->process)).size() == 1U);
}

BOOST_AUTO_TEST_CASE(lists_of_processors) {
  BOOST_TEST(parse_list("0-3,65", 128)->at(0) == 15U);
  BOOST_TEST(parse_list("0-3,65", 128)->at(1) == 2U);
  for (const char* bad : {"", "a", "3-1", "1,", "128", "-1", "1-", "0 "})
    BOOST_TEST(!parse_list(bad, 128), bad);
}

BOOST_AUTO_TEST_CASE(propagation_of_the_root) {
  Config config = minimal();
  BOOST_TEST(all<SetRootPropagation>(*build_plan(config)).empty());
  config.root_propagation = "rshared";
  BOOST_TEST(all<SetRootPropagation>(*build_plan(config)).size() == 1U);
  BOOST_TEST(!all<DetachPropagation>(*build_plan(config)).at(0).to_private);
  config.root_propagation = "private";
  BOOST_TEST(all<DetachPropagation>(*build_plan(config)).at(0).to_private);
}

BOOST_AUTO_TEST_CASE(names_of_the_kernel) {
  BOOST_TEST(*capability_number("CAP_SYS_ADMIN") == 21);
  BOOST_TEST(*capability_number("CAP_BPF") == 39);
  BOOST_TEST(!capability_number("SYS_ADMIN"));
  BOOST_TEST(!capability_number("CAP_sys_admin"));
  BOOST_TEST(*rlimit_number("RLIMIT_NOFILE") == 7);
}

BOOST_AUTO_TEST_SUITE_END()
