// SPDX-License-Identifier: Apache-2.0
// Containers with a user namespace, idmapped mounts and time namespaces.
#include <fcntl.h>
#include <sched.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <fstream>

#include "agent/runtime/id_map.hpp"
#include "bundle.hpp"

using namespace podsd::runtime;
namespace fs = std::filesystem;

namespace {

constexpr unsigned first = 1'310'720;  // 20 * 65536

nlohmann::json map(unsigned inside = 0, unsigned outside = first, unsigned size = 65536) {
  return {{{"containerID", inside}, {"hostID", outside}, {"size", size}}};
}

void own(const fs::path& path, unsigned id) {
  BOOST_REQUIRE_EQUAL(lchown(path.c_str(), id, id), 0);
  if (!fs::is_symlink(path) && fs::is_directory(path))
    for (const auto& entry : fs::directory_iterator(path)) own(entry.path(), id);
}

/// A bundle whose root belongs to the user namespace, as the specification leaves it to the caller.
struct Private : Bundle {
  Private() {
    own(root, first);
    config["linux"]["namespaces"].push_back({{"type", "user"}});
    config["linux"]["namespaces"].push_back({{"type", "network"}});
    config["linux"]["uidMappings"] = config["linux"]["gidMappings"] = map();
    fs::permissions(dir, fs::perms::owner_all);  // nobody else walks there
  }
};

/// A user namespace with a network and an ipc namespace of its own, held by a process.
class Holder {
 public:
  Holder() {
    int ready[2];
    BOOST_REQUIRE_EQUAL(pipe(ready), 0);
    pid_ = fork();
    if (pid_ == 0) {
      char go = unshare(CLONE_NEWUSER | CLONE_NEWNET | CLONE_NEWIPC) == 0 ? 'x' : 'e';
      if (write(ready[1], &go, 1) != 1) _exit(1);
      for (;;) pause();
    }
    char go = 0;
    BOOST_REQUIRE_EQUAL(read(ready[0], &go, 1), 1);
    BOOST_REQUIRE_EQUAL(go, 'x');
    close(ready[0]);
    close(ready[1]);
    BOOST_REQUIRE(write_maps(pid_, {{{0, first, 65536}}, {{0, first, 65536}}}));
  }
  ~Holder() {
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }
  [[nodiscard]] std::string ns(const std::string& name) const {
    return "/proc/" + std::to_string(pid_) + "/ns/" + name;
  }

 private:
  pid_t pid_ = -1;
};

std::uint32_t owner_of(const fs::path& path) {
  struct stat status = {};
  return lstat(path.c_str(), &status) == 0 ? status.st_uid : 12345;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(user_namespace, *boost::unit_test::precondition(can_run))

BOOST_AUTO_TEST_CASE(root_inside_is_not_root_outside) {
  Private bundle;
  auto out = bundle.shell(
      "id -u; cat /proc/self/uid_map | tr -s ' '; touch /mine; stat -c %u /mine /proc/self/ /bin/sh");
  BOOST_TEST(out.status == 0);
  BOOST_TEST(out.log == "");
  BOOST_TEST(out.output == "0\n 0 1310720 65536\n0\n0\n0\n");
  BOOST_TEST(owner_of(bundle.root / "mine") == first);
}

BOOST_AUTO_TEST_CASE(all_mounts_are_there) {
  Private bundle;
  auto out = bundle.shell(
      "mount | grep -c ' /proc \\| /dev \\| /dev/pts \\| /dev/mqueue \\| /sys \\| /sys/fs/cgroup '; "
      "echo x > /dev/null && head -c 1 /dev/zero | wc -c; ls -d /dev/tty /dev/ptmx /proc/1");
  BOOST_TEST(out.log == "");
  BOOST_TEST(out.output == "6\n1\n/dev/ptmx\n/dev/tty\n/proc/1\n");
}

BOOST_AUTO_TEST_CASE(namespaces_belong_to_it) {
  Private bundle;
  bundle.config["hostname"] = "inside";
  bundle.config["linux"]["sysctl"] = {{"net.ipv4.ip_unprivileged_port_start", "80"}};
  auto all = bundle.config["process"]["capabilities"]["bounding"];
  all.push_back("CAP_SYS_ADMIN");
  for (const char* set : {"bounding", "effective", "permitted"})
    bundle.config["process"]["capabilities"][set] = all;
  auto out = bundle.shell(
      "hostname; hostname other; hostname; cat /proc/sys/net/ipv4/ip_unprivileged_port_start; "
      "mount -t tmpfs x /dev/shm && echo mounted");
  BOOST_TEST(out.output == "inside\nother\n80\nmounted\n");
}

BOOST_AUTO_TEST_CASE(other_users) {
  Private bundle;
  bundle.config["process"]["user"] = {{"uid", 1000}, {"gid", 1001}, {"additionalGids", {7, 8}}};
  auto out = bundle.shell("id; touch /dev/shm/x; stat -c %u /dev/shm/x");
  BOOST_TEST(out.output == "uid=1000(web) gid=1001 groups=7,8\n1000\n");
  bundle.config["process"]["user"] = {{"uid", 65536}, {"gid", 0}};
  BOOST_TEST(bundle.shell("id").message().find("cannot set the user: 65536") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(limits_and_oom_score) {
  Private bundle;
  bundle.config["process"]["oomScoreAdj"] = 500;
  bundle.config["process"]["rlimits"] =
      nlohmann::json::parse(R"([{"type": "RLIMIT_NOFILE", "soft": 100, "hard": 200}])");
  auto out = bundle.shell("cat /proc/self/oom_score_adj; ulimit -Sn; ulimit -Hn");
  BOOST_TEST(out.output == "500\n100\n200\n");
}

BOOST_AUTO_TEST_CASE(joins_by_path) {
  Holder holder;
  Private bundle;
  auto& namespaces = bundle.config["linux"]["namespaces"];
  namespaces = {{{"type", "user"}, {"path", holder.ns("user")}},
                {{"type", "network"}, {"path", holder.ns("net")}},
                {{"type", "ipc"}, {"path", holder.ns("ipc")}},
                {{"type", "pid"}},
                {{"type", "mount"}},
                {{"type", "cgroup"}}};
  char net[64] = {};
  BOOST_REQUIRE(readlink(holder.ns("net").c_str(), net, sizeof net - 1) > 0);
  auto out = bundle.shell("id -u; readlink /proc/self/ns/net; touch /mine");
  BOOST_TEST(out.log == "");
  BOOST_TEST(out.output == "0\n" + std::string(net) + "\n");
  BOOST_TEST(owner_of(bundle.root / "mine") == first);
  bundle.config["linux"]["uidMappings"] = map(0, first + 65536);
  BOOST_TEST(bundle.shell("true").message().find(
                 "other mappings than the configuration: /proc/self/uid_map") != std::string::npos);
  namespaces[0]["path"] = holder.ns("net");
  BOOST_TEST(bundle.shell("true").message().starts_with("cannot enter a namespace: /proc/"));
}

BOOST_AUTO_TEST_CASE(idmapped_mounts) {
  Private bundle;
  fs::create_directory(bundle.dir / "data");
  spill(bundle.dir / "data/roots", "");
  spill(bundle.dir / "data/others", "");
  own(bundle.dir / "data/others", first);
  bundle.config["process"]["args"] = {"/bin/sh", "-c",
                                      "touch /data/new; stat -c '%n %u' /data/*; rm /data/others || true"};
  bundle.add_mount("/data", "bind", (bundle.dir / "data").string(), {"rbind", "ridmap"});
  auto out = bundle.run();
  // The disk's root is the container's; the container's own ids are nobody's there.
  BOOST_TEST(out.log == "");
  BOOST_TEST(out.output.starts_with("/data/new 0\n/data/others 65534\n/data/roots 0\n"));
  BOOST_TEST(owner_of(bundle.dir / "data/new") == 0U);
  auto& mount = bundle.config["mounts"].back();
  mount["options"] = {"bind"};
  mount["uidMappings"] = mount["gidMappings"] = map(first, first + 7, 1);
  BOOST_TEST(bundle.shell("stat -c '%n %u' /data/others").output == "/data/others 7\n");
}

BOOST_AUTO_TEST_CASE(idmapped_mounts_without_a_user_namespace) {
  Bundle bundle;
  fs::create_directory(bundle.dir / "data");
  bundle.add_mount("/data", "bind", (bundle.dir / "data").string(), {"rbind", "idmap"});
  BOOST_TEST(bundle.shell("true").message() ==
             "an idmapped mount needs ids of its own or a user namespace: /data");
  auto& mount = bundle.config["mounts"].back();
  mount["uidMappings"] = mount["gidMappings"] = map(0, 77, 1);
  auto out = bundle.shell("stat -c %u:%g /data");
  BOOST_TEST(out.log == "");
  BOOST_TEST(out.output == "77:77\n");
  mount["source"] = "/proc";
  BOOST_TEST(bundle.shell("true").message().find("cannot be mounted with other ids") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(exec_enters_it) {
  Private bundle;
  bundle.config["process"]["args"] = {"/bin/sh", "-c", "exec sleep 1000 >/dev/null 2>&1"};
  BOOST_TEST(bundle.run({"--detach"}).log == "");
  auto out = bundle.command(
      {"exec", "test", "/bin/sh", "-c", "id -u; touch /execs; cat /proc/self/uid_map | tr -s ' '"});
  BOOST_TEST(out.output == "0\n 0 1310720 65536\n");
  BOOST_TEST(owner_of(bundle.root / "execs") == first);
  BOOST_TEST(bundle.command({"delete", "--force", "test"}).status == 0);
}

BOOST_AUTO_TEST_CASE(create_and_start) {
  Private bundle;
  bundle.config["process"]["args"] = {"/bin/sh", "-c", "touch /started"};
  bundle.write_config();
  // The container's output is not waited for: it has it as long as it waits.
  const std::string words = " >/dev/null 2>&1 </dev/null";
  const std::string runtime = "cd " + bundle.dir.string() + " && $PODSD_RUNTIME --root state ";
  BOOST_TEST(std::system((runtime + "create test" + words).c_str()) == 0);
  BOOST_TEST(bundle.status() == "created");
  BOOST_TEST(bundle.command({"start", "test"}).status == 0);
  for (int i = 0; i < 500 && bundle.status() != "stopped"; ++i) usleep(10000);
  BOOST_TEST(owner_of(bundle.root / "started") == first);
  BOOST_TEST(bundle.command({"delete", "--force", "test"}).status == 0);
}

BOOST_AUTO_TEST_CASE(what_is_wrong_is_said) {
  Private bundle;
  auto& os = bundle.config["linux"];
  os["uidMappings"] = nlohmann::json::array();
  BOOST_TEST(bundle.shell("true").message() == "config.json: linux.uidMappings is missing beside the other");
  os["gidMappings"] = nlohmann::json::array();
  BOOST_TEST(bundle.shell("true").message() ==
             "a new user namespace needs linux.uidMappings and linux.gidMappings");
  os["gidMappings"] = map();
  os["uidMappings"] = map();
  os["uidMappings"].push_back(map(5, 0, 1)[0]);
  BOOST_TEST(bundle.shell("true").message() == "config.json: linux.uidMappings has extents that overlap");
  os["uidMappings"] = map(1);
  BOOST_TEST(bundle.shell("true").message() == "the user namespace has no user 0: Invalid argument");
  os["uidMappings"] = map(0, 4'294'967'295, 1);
  BOOST_TEST(bundle.shell("true").message() ==
             "config.json: linux.uidMappings passes the last id, 4294967294");
}

BOOST_AUTO_TEST_CASE(time_namespaces) {
  for (const bool user : {false, true}) {
    Private bundle;
    auto& os = bundle.config["linux"];
    if (!user) {
      os.erase("uidMappings");
      os.erase("gidMappings");
      os["namespaces"].erase(5);
      own(bundle.root, 0);
    }
    os["timeOffsets"] = {{"boottime", {{"secs", 1000000}, {"nanosecs", 5}}}, {"monotonic", {{"secs", 7}}}};
    BOOST_TEST(bundle.shell("true").message() == "linux.timeOffsets need a new time namespace");
    os["namespaces"].push_back({{"type", "time"}});
    auto out = bundle.shell(
        "cat /proc/self/timens_offsets | tr -s ' '; test $(head -c 7 /proc/uptime | tr -d .) -ge 1000000 && "
        "echo late");
    BOOST_TEST(out.log == "");
    BOOST_TEST(out.output == "monotonic 7 0\nboottime 1000000 5\nlate\n");
    os["timeOffsets"]["boottime"]["secs"] = -1'000'000'000;
    BOOST_TEST(bundle.shell("true").message().starts_with("cannot set linux.timeOffsets"));
  }
}

BOOST_AUTO_TEST_CASE(maps) {
  BOOST_TEST(map_text({{0, 5, 6}, {9, 8, 7}}) == "0 5 6\n9 8 7\n");
  BOOST_TEST((parse_map("         0          5          6\n 9 8 7\n") == IdMap{{0, 5, 6}, {9, 8, 7}}));
  BOOST_TEST(parse_map("nonsense").empty());
  BOOST_TEST(bool(check_map({{0, 0, 4'294'967'295}})));
  BOOST_TEST(check_map({{0, 0, 0}}).error().what == "has an empty extent");
  BOOST_TEST(check_map({{0, 10, 5}, {5, 14, 1}}).error().what == "has extents that overlap");
  BOOST_TEST(check_map(IdMap(341, IdExtent{0, 0, 1})).error().what == "has more than 340 extents");
}

BOOST_AUTO_TEST_CASE(tmpcopyup_leaves_devices_of_the_image_out) {
  Private bundle;
  fs::create_directories(bundle.root / "data");
  spill(bundle.root / "data/file", "copied\n");
  BOOST_REQUIRE_EQUAL(mknod((bundle.root / "data/null").c_str(), S_IFCHR | 0666, makedev(1, 3)), 0);
  own(bundle.root / "data", first);
  own(bundle.root / "data/file", first + 7);
  bundle.add_mount("/data", "tmpfs", "tmpfs", {"tmpcopyup"});
  BOOST_TEST(bundle.shell("cat /data/file; stat -c '%u %g' /data/file; ls /data").output ==
             "copied\n7 7\nfile\n");
}

BOOST_AUTO_TEST_SUITE_END()
