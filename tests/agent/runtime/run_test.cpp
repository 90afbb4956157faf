// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bundle.hpp"

using namespace podsd::runtime;
namespace utf = boost::unit_test;

BOOST_AUTO_TEST_SUITE(running, *utf::precondition(can_run))

BOOST_AUTO_TEST_CASE(program_is_pid_1_with_three_fds) {
  Bundle bundle;
  int leak = open("/etc/hostname", O_RDONLY);  // without O_CLOEXEC: the runtime inherits it
  auto outcome = bundle.shell("echo $$; ls -1 /proc/self/fd; readlink /proc/self/exe");
  close(leak);
  // 3 is the directory that ls reads.
  BOOST_TEST(outcome.output == "1\n0\n1\n2\n3\n/bin/busybox\n");
  BOOST_TEST(outcome.status == 0);
  BOOST_TEST(outcome.log == "");
}

BOOST_AUTO_TEST_CASE(exit_codes_and_signals) {
  Bundle bundle;
  BOOST_TEST(bundle.shell("exit 37").status == 37);
  BOOST_TEST(bundle.shell("ulimit -c 0; sh -c 'kill -SEGV $$'; exit $?").status == 139);
  bundle.config["linux"]["namespaces"] = {{{"type", "mount"}}};  // not PID 1, which ignores signals
  bundle.config["mounts"].erase(6);
  BOOST_TEST(bundle.shell("kill -KILL $$").status == 137);
}

BOOST_AUTO_TEST_CASE(environment_is_what_is_written_and_home) {
  Bundle bundle;
  setenv("LEAKED", "yes", 1);
  bundle.config["process"]["args"] = {"env"};
  bundle.config["process"]["env"] = {"PATH=/bin", "A=1 2", "EMPTY="};
  BOOST_TEST(bundle.run().output == "PATH=/bin\nA=1 2\nEMPTY=\nHOME=/root\n");
  bundle.config["process"]["user"]["uid"] = 1000;
  BOOST_TEST(bundle.run().output.ends_with("HOME=/home/web\n"));
  bundle.config["process"]["user"]["uid"] = 4242;
  BOOST_TEST(bundle.run().output.ends_with("HOME=/\n"));
  bundle.config["process"]["env"] = {"PATH=/bin", "HOME=/mine"};
  BOOST_TEST(bundle.run().output == "PATH=/bin\nHOME=/mine\n");
}

BOOST_AUTO_TEST_CASE(a_fifo_as_passwd_does_not_block) {
  Bundle bundle;
  std::filesystem::remove(bundle.root / "etc/passwd");
  BOOST_REQUIRE_EQUAL(mkfifo((bundle.root / "etc/passwd").c_str(), 0644), 0);
  BOOST_TEST(bundle.shell("echo $HOME").output == "/\n");
}

BOOST_AUTO_TEST_CASE(working_directory_is_made) {
  Bundle bundle;
  bundle.config["process"]["cwd"] = "/srv/new/place";
  BOOST_TEST(bundle.shell("pwd; stat -c '%a %u' .").output == "/srv/new/place\n755 0\n");
}

BOOST_AUTO_TEST_CASE(names_are_the_containers_own) {
  Bundle bundle;
  bundle.config["hostname"] = "web-0";
  bundle.config["domainname"] = "example";
  char before[256];
  gethostname(before, sizeof before);
  BOOST_TEST(bundle.shell("hostname; cat /proc/sys/kernel/domainname").output == "web-0\nexample\n");
  char after[256];
  gethostname(after, sizeof after);
  BOOST_TEST(std::string(before) == after);
}

BOOST_AUTO_TEST_CASE(oom_score_and_limits) {
  Bundle bundle;
  bundle.config["process"]["oomScoreAdj"] = 500;
  bundle.config["process"]["rlimits"] = {{{"type", "RLIMIT_NOFILE"}, {"soft", 50}, {"hard", 60}},
                                         {{"type", "RLIMIT_CORE"}, {"soft", 0}, {"hard", 0}}};
  auto outcome = bundle.shell("cat /proc/self/oom_score_adj; ulimit -n; ulimit -Hn; ulimit -c");
  BOOST_TEST(outcome.output == "500\n50\n60\n0\n");
}

BOOST_AUTO_TEST_CASE(sysctls_of_own_namespaces) {
  Bundle bundle;
  bundle.config["linux"]["sysctl"] = {{"kernel.shmmax", "12345"}};
  // Some hosts are containers that have it read-only: then it must be said.
  bool writable = access("/proc/sys/kernel/shmmax", W_OK) == 0;
  auto ipc = bundle.shell("cat /proc/sys/kernel/shmmax");
  if (writable) BOOST_TEST(ipc.output == "12345\n");
  if (!writable) BOOST_TEST(ipc.message().ends_with("/proc/sys/kernel/shmmax: Read-only file system"));
  std::filesystem::remove(bundle.dir / "log");
  bundle.config["linux"]["sysctl"] = {{"net.ipv4.ip_default_ttl", "65"}};
  auto refused = bundle.run().message();
  // The second where PID 1 is out of sight (it may hold capabilities that this test lacks).
  BOOST_TEST((refused.starts_with("refused, since the net namespace is the host's: sysctl: net.ipv4.") ||
              refused.find("cannot compare a namespace with the host's: net") != std::string::npos),
             refused);
  bundle.config["linux"]["namespaces"].push_back({{"type", "network"}});
  BOOST_TEST(bundle.shell("cat /proc/sys/net/ipv4/ip_default_ttl").output == "65\n");
}

BOOST_AUTO_TEST_CASE(preserved_fds_are_handed_on) {
  Bundle bundle;
  spill(bundle.dir / "three", "from outside\n");
  int saved = fcntl(3, F_DUPFD_CLOEXEC, 100);
  int file = open((bundle.dir / "three").c_str(), O_RDONLY);
  if (file != 3) dup2(file, 3);
  bundle.config["process"]["args"] = {"/bin/sh", "-c", "cat <&3"};
  auto kept = bundle.run({"--preserve-fds", "1"});
  auto dropped = bundle.run();
  close(3);
  if (saved >= 0) dup3(saved, 3, O_CLOEXEC);
  BOOST_TEST(kept.output == "from outside\n");
  BOOST_TEST(dropped.output.find("from outside") == std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
