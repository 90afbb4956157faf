// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bundle.hpp"

using namespace podsd::runtime;
using json = nlohmann::json;
namespace utf = boost::unit_test;
namespace fs = std::filesystem;

namespace {

// A container that runs while the test lasts.
struct Running : Bundle {
  explicit Running(const json& patch = json::object()) {
    config["process"]["args"] = {"/bin/sleep", "600"};
    config["process"]["env"] = {"PATH=/bin", "FROM=config"};
    config.merge_patch(patch);
    write_config();
    const pid_t pid = fork();
    if (pid == 0) {
      const int null = open("/dev/null", O_RDWR);
      for (int fd = 0; fd < 3; ++fd) dup2(null, fd);
      const std::string state = dir / "state";
      if (chdir(dir.c_str()) == 0)
        execl(std::getenv("PODSD_RUNTIME"), "podsd-runtime", "--root", state.c_str(), "run", "--detach",
              "test", nullptr);
      _exit(127);
    }
    int status = 0;
    waitpid(pid, &status, 0);
    BOOST_REQUIRE_EQUAL(status, 0);
  }
  ~Running() { command({"delete", "--force", "test"}); }

  Outcome exec(const std::string& script, std::vector<std::string> options = {}) {
    options.insert(options.begin(), "exec");
    options.insert(options.end(), {"test", "/bin/sh", "-c", script});
    return command(options);
  }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(exec, *utf::precondition(can_run))

BOOST_AUTO_TEST_CASE(it_is_in_the_container) {
  Running container;
  const auto outcome = container.exec(
      "for n in mnt pid ipc uts cgroup; do [ $(readlink /proc/1/ns/$n) = $(readlink /proc/self/ns/$n) ] || "
      "echo $n; done; "
      "ls -d /bin; pwd; echo $FROM; cat /proc/self/cgroup | grep -v $(sed -n 's/0:://p' /proc/1/cgroup)");
  BOOST_TEST(outcome.output == "/bin\n/\nconfig\n");
  BOOST_TEST(container.exec("ls /proc/self/fd | wc -l").output == "4\n");  // and ls's own
}

BOOST_AUTO_TEST_CASE(exit_codes_and_errors) {
  Running container;
  BOOST_TEST(container.exec("exit 3").status == 3);
  BOOST_TEST(container.exec("kill -9 $$").status == 137);
  BOOST_TEST(container.command({"exec", "test", "nothing"}).message() ==
             "exec: \"nothing\": executable file not found in $PATH");
  BOOST_TEST(container.command({"exec", "test"}).message() == "exec needs a program");
  BOOST_TEST(container.command({"exec", "other", "true"}).message() ==
             "container does not exist: No such file or directory");
  container.command({"kill", "test", "KILL"});
  for (int i = 0; i < 500 && container.status() != "stopped"; ++i) usleep(10000);
  BOOST_TEST(container.exec("true").message() == "cannot exec in a stopped container");
}

BOOST_AUTO_TEST_CASE(what_confines_the_container_confines_it) {
  const json patch = {
      {"process",
       {{"noNewPrivileges", true},
        {"capabilities",
         {{"bounding", {"CAP_KILL"}}, {"permitted", {"CAP_KILL"}}, {"effective", {"CAP_KILL"}}}}}},
      {"linux",
       {{"seccomp",
         {{"defaultAction", "SCMP_ACT_ALLOW"},
          {"syscalls",
           {{{"names", {"chmod", "fchmodat"}}, {"action", "SCMP_ACT_ERRNO"}, {"errnoRet", 39}}}}}}}}};
  Running container(patch);
  const std::string facts = "grep -E '^(Cap|NoNew|Seccomp)' /proc/";
  BOOST_TEST(container.exec(facts + "self/status").output == container.exec(facts + "1/status").output);
  BOOST_TEST(container.exec("chmod 0700 / 2>&1").output == "chmod: /: Directory not empty\n");
}

BOOST_AUTO_TEST_CASE(options) {
  Running container;
  BOOST_TEST(container.exec("id -u; id -g; id -G", {"--user", "1000:1001", "-g", "7"}).output ==
             "1000\n1001\n1001 7\n");
  BOOST_TEST(container.exec("pwd; echo $A", {"--cwd", "/bin", "--env", "A=b"}).output == "/bin\nb\n");
  BOOST_TEST(container.exec("grep NoNew /proc/self/status", {"--no-new-privs"}).output == "NoNewPrivs:\t1\n");
  BOOST_TEST(container.exec("true", {"--user", "4294967295"}).status == 1);
  json process = container.config["process"];
  process["args"] = {"/bin/sh", "-c", "id -u; pwd"};
  process["user"]["uid"] = 5;
  process["cwd"] = "/bin";
  spill(container.dir / "process.json", process.dump());
  BOOST_TEST(
      container.command({"exec", "--process", (container.dir / "process.json").string(), "test"}).output ==
      "5\n/bin\n");
}

BOOST_AUTO_TEST_CASE(a_working_directory_outside_is_refused) {
  Running container;
  for (int fd = 3; fd < 12; ++fd) {
    const auto outcome = container.exec("ls", {"--cwd", "/proc/self/fd/" + std::to_string(fd)});
    BOOST_TEST(outcome.status != 0);
  }
}

BOOST_AUTO_TEST_CASE(detached) {
  Running container;
  const auto outcome = container.command({"exec", "--detach", "--pid-file", (container.dir / "pid").string(),
                                          "test", "/bin/sh", "-c", "exec sleep 600 >/dev/null 2>&1"});
  BOOST_TEST(outcome.status == 0);
  const std::string pid = slurp(container.dir / "pid");
  BOOST_TEST(fs::read_symlink("/proc/" + pid + "/ns/mnt") != fs::read_symlink("/proc/self/ns/mnt"));
}

BOOST_AUTO_TEST_SUITE_END()
