// SPDX-License-Identifier: Apache-2.0
// runtime.md, "Operations" and "Lifecycle".
#include <poll.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>

#include "agent/os/unique_fd.hpp"
#include "bundle.hpp"

using namespace podsd;
using namespace podsd::runtime;
using json = nlohmann::json;
namespace utf = boost::unit_test;
namespace fs = std::filesystem;

namespace {

// A bundle whose program leaves a mark outside, in a folder that is bound to /out.
struct Marked : Bundle {
  Marked() {
    fs::create_directory(dir / "out");
    add_mount("/out", "bind", dir / "out", {"bind"});
    script("echo ran >/out/mark; exec sleep 600");
  }
  ~Marked() { command({"delete", "--force", "test"}); }

  void script(const std::string& text) {
    config["process"]["args"] = {"/bin/sh", "-c", text};
    write_config();
  }
  // The container keeps the runtime's stdout open, so that its output never ends: it goes elsewhere.
  Outcome quiet(std::vector<std::string> words) {
    const std::string null = "exec " + std::string(std::getenv("PODSD_RUNTIME")) + " --root " +
                             (dir / "state").string() + " --log " + (dir / "log").string() +
                             " --log-format json \"$@\" >/dev/null 2>&1 </dev/null";
    fs::remove(dir / "log");
    pid_t pid = fork();
    if (pid == 0) {
      if (chdir(dir.c_str()) != 0) _exit(126);
      std::vector<char*> argv = {const_cast<char*>("sh"), const_cast<char*>("-c"),
                                 const_cast<char*>(null.c_str()), const_cast<char*>("sh")};
      for (auto& word : words) argv.push_back(word.data());
      argv.push_back(nullptr);
      execv("/bin/sh", argv.data());
      _exit(127);
    }
    int status = 0;
    waitpid(pid, &status, 0);
    return {WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status), "", slurp(dir / "log")};
  }
  bool marked_within(int ms) const {
    for (; ms > 0 && !fs::exists(dir / "out/mark"); ms -= 10) poll(nullptr, 0, 10);
    return fs::exists(dir / "out/mark");
  }
  int pid() { return json::parse(command({"state", "test"}).output)["pid"]; }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(lifecycle, *utf::precondition(can_run))

BOOST_AUTO_TEST_CASE(created_started_stopped_deleted) {
  Marked bundle;
  BOOST_TEST(bundle.quiet({"create", "--pid-file", (bundle.dir / "pid").string(), "test"}).status == 0);
  BOOST_TEST(bundle.status() == "created");
  BOOST_TEST(!fs::exists(bundle.dir / "out/mark"));  // process.args has not run
  BOOST_TEST(std::to_string(bundle.pid()) == slurp(bundle.dir / "pid"));
  BOOST_TEST(bundle.command({"start", "test"}).status == 0);
  BOOST_TEST(bundle.marked_within(5000));
  BOOST_TEST(bundle.status() == "running");
  BOOST_TEST(bundle.command({"start", "test"}).message() == "cannot start a container that is running");
  BOOST_TEST(bundle.command({"delete", "test"}).message() ==
             "cannot delete container that is not stopped: running");
  UniqueFd init(static_cast<int>(syscall(SYS_pidfd_open, bundle.pid(), 0)));
  BOOST_TEST(bundle.command({"kill", "test", "KILL"}).status == 0);
  pollfd end = {init.get(), POLLIN, 0};
  BOOST_TEST(poll(&end, 1, 5000) == 1);
  BOOST_TEST(bundle.status() == "stopped");
  BOOST_TEST(bundle.command({"kill", "test", "KILL"}).message() == "container not running: No such process");
  BOOST_TEST(bundle.command({"start", "test"}).message() == "cannot start a container that is stopped");
  BOOST_TEST(bundle.command({"delete", "test"}).status == 0);
  BOOST_TEST(bundle.status() == "container does not exist: No such file or directory");
  BOOST_TEST(!fs::exists(bundle.dir / "state/test"));
}

BOOST_AUTO_TEST_CASE(edits_after_create_have_no_effect) {
  Marked bundle;
  BOOST_TEST(bundle.quiet({"create", "test"}).status == 0);
  bundle.script("echo other >/out/mark");
  BOOST_TEST(bundle.command({"start", "test"}).status == 0);
  BOOST_TEST(bundle.marked_within(5000));
  BOOST_TEST(slurp(bundle.dir / "out/mark") == "ran\n");
}

BOOST_AUTO_TEST_CASE(an_id_is_used_once) {
  Marked bundle;
  BOOST_TEST(bundle.quiet({"create", "test"}).status == 0);
  auto second = bundle.quiet({"create", "test"});
  BOOST_TEST(second.status == 1);
  BOOST_TEST(second.message() == "container with given ID already exists: File exists");
  BOOST_TEST(bundle.status() == "created");
}

BOOST_AUTO_TEST_CASE(a_created_container_can_be_killed) {
  Marked bundle;
  BOOST_TEST(bundle.quiet({"create", "test"}).status == 0);
  BOOST_TEST(bundle.command({"kill", "test", "SIGKILL"}).status == 0);
  BOOST_TEST(bundle.command({"delete", "--force", "test"}).status == 0);
  BOOST_TEST(!fs::exists(bundle.dir / "out/mark"));
}

BOOST_AUTO_TEST_CASE(force_kills) {
  Marked bundle;
  BOOST_TEST(bundle.quiet({"run", "--detach", "test"}).status == 0);
  const int pid = bundle.pid();
  BOOST_TEST(bundle.command({"delete", "--force", "test"}).status == 0);
  BOOST_TEST((::kill(pid, 0) < 0 ||
              slurp("/proc/" + std::to_string(pid) + "/stat").find(") Z") != std::string::npos));
  BOOST_TEST(bundle.command({"delete", "test"}).message() ==
             "container does not exist: No such file or directory");
  BOOST_TEST(bundle.command({"delete", "--force", "test"}).status == 0);
}

BOOST_AUTO_TEST_CASE(what_fails_leaves_nothing) {
  Marked bundle;
  bundle.config["process"]["args"] = {"/no/such/program"};
  bundle.write_config();
  auto created = bundle.quiet({"create", "test"});
  BOOST_TEST(created.status == 1);
  BOOST_TEST(created.message().find("/no/such/program") != std::string::npos);
  bundle.config["mounts"].push_back(
      {{"destination", "/x"}, {"type", "bind"}, {"source", "/no/such/source"}, {"options", {"bind"}}});
  bundle.write_config();
  BOOST_TEST(bundle.quiet({"create", "test"}).status == 1);
  BOOST_TEST(bundle.status() == "container does not exist: No such file or directory");
  BOOST_TEST(fs::is_empty(bundle.dir / "state"));
}

BOOST_AUTO_TEST_CASE(a_container_in_the_foreground_is_forgotten) {
  Bundle bundle;
  BOOST_TEST(bundle.shell("exit 7").status == 7);
  BOOST_TEST(bundle.status() == "container does not exist: No such file or directory");
  bundle.config["process"]["args"] = {"/bin/sh", "-c", "exit 8"};
  BOOST_TEST(bundle.run({"--keep"}).status == 8);
  BOOST_TEST(bundle.status() == "stopped");
}

BOOST_AUTO_TEST_CASE(state_and_list) {
  Marked bundle;
  bundle.config["annotations"] = {{"key", "value"}};
  bundle.write_config();
  BOOST_TEST(bundle.quiet({"create", "test"}).status == 0);
  const auto state = json::parse(bundle.command({"state", "test"}).output);
  BOOST_TEST(state["id"] == "test");
  BOOST_TEST(state["bundle"] == bundle.dir.string());
  BOOST_TEST(state["annotations"]["key"] == "value");
  BOOST_TEST(state["ociVersion"].get<std::string>().starts_with("1."));
  BOOST_TEST(json::parse(bundle.command({"list", "-f", "json"}).output)[0]["id"] == "test");
  BOOST_TEST(bundle.command({"list", "-q"}).output == "test\n");
  BOOST_TEST(bundle.command({"list"}).output.starts_with("ID "));
  BOOST_TEST(bundle.command({"state", "other"}).message() ==
             "container does not exist: No such file or directory");
  struct stat status = {};
  BOOST_TEST(stat((bundle.dir / "state/test").c_str(), &status) == 0);
  BOOST_TEST((status.st_mode & 0777) == 0700U);
}

BOOST_AUTO_TEST_SUITE_END()
