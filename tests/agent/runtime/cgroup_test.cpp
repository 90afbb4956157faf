// SPDX-License-Identifier: Apache-2.0
// A cgroup of the container's own, made without systemd. Controllers are not needed: see
// tests/e2e/runtime-cgroups for limits.
#include <fcntl.h>
#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>

#include "bundle.hpp"

using namespace podsd::runtime;
using json = nlohmann::json;
namespace utf = boost::unit_test;
namespace fs = std::filesystem;

namespace {

fs::path hierarchy() {
  for (const char* path : {"/sys/fs/cgroup", "/sys/fs/cgroup/unified"}) {
    struct statfs status = {};
    if (statfs(path, &status) == 0 && status.f_type == CGROUP2_SUPER_MAGIC && access(path, W_OK) == 0)
      return path;
  }
  return {};
}

boost::test_tools::assertion_result can_make_cgroups(utf::test_unit_id id) {
  auto result = can_run(id);
  if (!result) return result;
  boost::test_tools::assertion_result able(!hierarchy().empty());
  able.message() << "needs a cgroup2 mount that can be written";
  return able;
}

// A container in the cgroup /podsd-test-PID/box, which is deleted with it.
struct Boxed : Bundle {
  Boxed() {
    config["linux"]["cgroupsPath"] = parent + "/box";
    script("exec sleep 600");
  }
  ~Boxed() {
    command({"delete", "--force", "test"});
    fs::remove(hierarchy() / parent.substr(1));
  }
  void script(const std::string& text) {
    config["process"]["args"] = {"/bin/sh", "-c", text};
    write_config();
  }
  // A container that stays would keep the runtime's output open.
  int quiet(std::vector<std::string> words) {
    fs::remove(dir / "log");
    pid_t pid = fork();
    if (pid == 0) {
      int null = open("/dev/null", O_RDWR);
      for (int fd = 0; fd < 3; ++fd) dup2(null, fd);
      const std::string state = dir / "state", log = dir / "log";
      std::vector<const char*> argv = {"podsd-runtime", "--root",       state.c_str(), "--log",
                                       log.c_str(),     "--log-format", "json"};
      for (const auto& word : words) argv.push_back(word.c_str());
      argv.push_back(nullptr);
      if (chdir(dir.c_str()) == 0) execv(std::getenv("PODSD_RUNTIME"), const_cast<char**>(argv.data()));
      _exit(127);
    }
    int status = 0;
    waitpid(pid, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }
  std::string message() const { return Outcome{0, "", slurp(dir / "log")}.message(); }
  int pid() { return json::parse(command({"state", "test"}).output)["pid"]; }

  const std::string parent = "/podsd-test-" + std::to_string(getpid());
  const fs::path folder = hierarchy() / parent.substr(1) / "box";
};

// The line of the unified hierarchy in a /proc/PID/cgroup.
std::string unified(const std::string& text) {
  auto at = text.starts_with("0::") ? 0 : text.find("\n0::") + 1;
  return text.substr(at, text.find('\n', at) - at);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(cgroups, *utf::precondition(can_make_cgroups))

BOOST_AUTO_TEST_CASE(it_is_born_there_and_sees_it_as_root) {
  Boxed box;
  BOOST_TEST(box.quiet({"create", "test"}) == 0);
  BOOST_TEST(unified(slurp("/proc/" + std::to_string(box.pid()) + "/cgroup")) == "0::" + box.parent + "/box");
  BOOST_TEST(box.command({"start", "test"}).status == 0);
  BOOST_TEST(unified(box.command({"exec", "test", "cat", "/proc/self/cgroup"}).output) == "0::/");
  BOOST_TEST(unified(box.command({"exec", "test", "cat", "/proc/1/cgroup"}).output) == "0::/");
  BOOST_TEST(box.command({"ps", "--format", "json", "test"}).output ==
             "[" + std::to_string(box.pid()) + "]\n");
  const auto table = box.command({"ps", "test"}).output;
  BOOST_TEST(table.find("sleep 600") != std::string::npos);
  BOOST_TEST(std::count(table.begin(), table.end(), '\n') == 2);
  BOOST_TEST(box.command({"delete", "--force", "test"}).status == 0);
  BOOST_TEST(!fs::exists(box.folder));
}

BOOST_AUTO_TEST_CASE(pause_and_resume) {
  Boxed box;
  BOOST_TEST(box.quiet({"run", "--detach", "test"}) == 0);
  BOOST_TEST(box.command({"resume", "test"}).message() == "cannot resume a container that is running");
  BOOST_TEST(box.command({"pause", "test"}).status == 0);
  BOOST_TEST(box.status() == "paused");
  BOOST_TEST(slurp(box.folder / "cgroup.events").find("frozen 1") != std::string::npos);
  BOOST_TEST(box.command({"list"}).output.find(" paused ") != std::string::npos);
  BOOST_TEST(box.command({"pause", "test"}).message() == "cannot pause a container that is paused");
  BOOST_TEST(box.command({"exec", "test", "true"}).message() ==
             "cannot exec in a paused container (use --ignore-paused to override)");
  BOOST_TEST(box.command({"resume", "test"}).status == 0);
  BOOST_TEST(box.status() == "running");
  BOOST_TEST(box.command({"exec", "test", "true"}).status == 0);
  BOOST_TEST(box.command({"pause", "test"}).status == 0);
  BOOST_TEST(box.command({"kill", "test", "KILL"}).status == 0);
  for (int i = 0; i < 500 && box.status() != "stopped"; ++i) usleep(10000);
  BOOST_TEST(box.status() == "stopped");
  BOOST_TEST(box.command({"pause", "test"}).message() == "cannot pause a container that is stopped");
}

BOOST_AUTO_TEST_CASE(all_processes_are_signalled) {
  Boxed box;
  auto& namespaces = box.config["linux"]["namespaces"];
  for (std::size_t i = namespaces.size(); i-- > 0;)
    if (namespaces[i]["type"] == "pid") namespaces.erase(i);  // the init's end ends nobody else
  box.config["mounts"].erase(0);
  box.script("sleep 600 & sleep 600 & wait");
  BOOST_TEST(box.quiet({"run", "--detach", "test"}) == 0);
  auto processes = [&] { return json::parse(box.command({"ps", "-f", "json", "test"}).output).size(); };
  for (int i = 0; i < 500 && processes() != 3; ++i) usleep(10000);
  BOOST_TEST(processes() == 3U);
  BOOST_TEST(box.command({"kill", "--all", "test", "TERM"}).status == 0);
  for (int i = 0; i < 500 && processes() != 0; ++i) usleep(10000);
  BOOST_TEST(processes() == 0U);
  BOOST_TEST(box.command({"kill", "-a", "test", "KILL"}).message() ==
             "container not running: No such process");
}

BOOST_AUTO_TEST_CASE(what_fails_leaves_no_cgroup) {
  Boxed box;
  box.config["linux"]["resources"] = {{"unified", {{"nonsense.max", "1"}}}};
  box.write_config();
  BOOST_TEST(box.quiet({"create", "test"}) == 1);
  BOOST_TEST(
      box.message() ==
      "linux.resources: unified.nonsense.max: cannot be set: controller nonsense is not available in " +
          box.parent + "/box: No such file or directory");
  BOOST_TEST(!fs::exists(box.folder.parent_path()));
  box.config["linux"].erase("resources");
  box.config["process"]["args"] = {"/no/such/program"};
  box.write_config();
  BOOST_TEST(box.quiet({"create", "test"}) == 1);
  BOOST_TEST(!fs::exists(box.folder.parent_path()));
  BOOST_TEST(box.status() == "container does not exist: No such file or directory");
}

BOOST_AUTO_TEST_CASE(another_ones_cgroup_is_refused_and_left_alone) {
  Boxed box;
  BOOST_TEST(box.quiet({"run", "--detach", "test"}) == 0);
  BOOST_TEST(box.quiet({"create", "second"}) == 1);
  BOOST_TEST(box.message() ==
             "a container's cgroup must be empty, and this one has processes: " + box.parent + "/box");
  BOOST_TEST(box.status() == "running");
}

// config-linux.md, "Cgroup ownership".
BOOST_AUTO_TEST_CASE(its_user_owns_it_where_it_may_write_there) {
  for (const char* mode : {"rw", "ro"}) {
    Boxed box;
    box.config["process"]["user"]["uid"] = 1000;
    for (auto& mount : box.config["mounts"])
      if (mount["type"] == "cgroup") mount["options"] = {"nosuid", mode};
    box.write_config();
    BOOST_TEST(box.quiet({"create", "test"}) == 0);
    const unsigned owner = std::string(mode) == "rw" ? 1000 : 0;
    for (const char* file : {".", "cgroup.procs", "cgroup.threads", "cgroup.subtree_control"}) {
      struct stat status = {};
      BOOST_TEST(stat((box.folder / file).c_str(), &status) == 0);
      BOOST_TEST(status.st_uid == owner);
    }
  }
}

BOOST_AUTO_TEST_CASE(a_frozen_cgroup_is_refused) {
  Boxed box;
  fs::create_directories(box.folder);
  spill(box.folder / "cgroup.freeze", "1");
  BOOST_TEST(box.quiet({"create", "test"}) == 1);
  BOOST_TEST(box.message() == "a container's cgroup must not be frozen: " + box.parent + "/box");
  fs::remove(box.folder);
}

BOOST_AUTO_TEST_CASE(devices) {
  const char* open_both = "(: >/dev/null) && echo null; (: >/dev/test) 2>&1 && echo test";
  json device = {{"path", "/dev/test"}, {"type", "c"}, {"major", 1}, {"minor", 11}, {"fileMode", 0666}};
  Boxed box;
  box.config["linux"]["devices"] = {device};
  box.script(open_both);
  auto outcome = box.run();
  BOOST_TEST(outcome.output == "null\n/bin/sh: can't create /dev/test: Operation not permitted\n");
  box.config["linux"]["resources"]["devices"] = json::parse(
      R"([{"allow":false,"access":"rwm"},{"allow":true,"type":"c","major":1,"minor":11,"access":"rw"}])");
  BOOST_TEST(box.run().output == "null\ntest\n");
}

BOOST_AUTO_TEST_CASE(the_callers_cgroup_without_a_path) {
  Bundle bundle;
  bundle.config["process"]["args"] = {"/bin/cat", "/proc/self/cgroup"};
  auto& namespaces = bundle.config["linux"]["namespaces"];
  for (std::size_t i = namespaces.size(); i-- > 0;)
    if (namespaces[i]["type"] == "cgroup") namespaces.erase(i);
  bundle.config["mounts"].erase(bundle.config["mounts"].size() - 1);
  BOOST_TEST(unified(bundle.run().output) == unified(slurp("/proc/self/cgroup")));
}

BOOST_AUTO_TEST_SUITE_END()
