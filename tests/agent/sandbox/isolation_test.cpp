// SPDX-License-Identifier: Apache-2.0
#include <sys/stat.h>
#include <sys/wait.h>

#include <csignal>
#include <fstream>

#include "harness.hpp"

using namespace podsd;
using namespace podsd::sandbox;
namespace utf = boost::unit_test;

namespace {

std::string namespace_of(int pid, const std::string& kind) {
  return std::filesystem::read_symlink("/proc/" + std::to_string(pid) + "/ns/" + kind);
}

std::string output_of(Sandbox& sandbox, const std::string& script) {
  auto child = sandbox.shell(script);
  child.open();
  return child.read_all();
}

}  // namespace

BOOST_AUTO_TEST_SUITE(isolation, *utf::precondition(can_run))

BOOST_AUTO_TEST_CASE(own_network_has_loopback_up_and_the_hostname) {
  SandboxOptions options;
  options.hostname = "web-0";
  Sandbox sandbox(options);
  // The kernel routes 127.0.0.1 as a local address only while lo is up.
  BOOST_TEST(output_of(sandbox, "grep -c 'host LOCAL' /proc/self/net/fib_trie") != "0\n");
  BOOST_TEST(output_of(sandbox, "tail -n +3 /proc/self/net/dev | sed 's/:.*//'") == "    lo\n");
  BOOST_TEST(output_of(sandbox, "uname -n") == "web-0\n");
  for (const char* kind : {"net", "ipc", "uts", "mnt"})
    BOOST_TEST(namespace_of(sandbox.process.pid, kind) != namespace_of(getpid(), kind));
}

BOOST_AUTO_TEST_CASE(host_network_keeps_net_and_uts) {
  SandboxOptions options;
  options.host_network = true;
  Sandbox sandbox(options);
  output_of(sandbox, "true");
  for (const char* kind : {"net", "uts"})
    BOOST_TEST(namespace_of(sandbox.process.pid, kind) == namespace_of(getpid(), kind));
  BOOST_TEST(namespace_of(sandbox.process.pid, "ipc") != namespace_of(getpid(), "ipc"));
}

BOOST_AUTO_TEST_CASE(own_users_own_the_namespaces) {
  char folder[] = "/tmp/podsd-users-XXXXXX";
  BOOST_REQUIRE(mkdtemp(folder) != nullptr);
  const std::string dir = folder;
  for (const char* part : {"lower", "lower2", "upper", "work", "root"})
    std::filesystem::create_directory(dir + "/" + part);
  std::ofstream(dir + "/userns");
  std::ofstream(dir + "/lower/file");
  std::ofstream(dir + "/lower2/other");
  {
    SandboxOptions options;
    options.hostname = "web-0";
    options.first_id = 1'310'720;
    options.user_file = dir + "/userns";
    Sandbox sandbox(options);
    // The sandbox and its children are the host's; what they are in belongs to the pod's user namespace.
    BOOST_TEST(output_of(sandbox, "uname -n; tr -s ' ' < /proc/self/uid_map") == "web-0\n 0 0 4294967295\n");
    BOOST_TEST(namespace_of(sandbox.process.pid, "user") == namespace_of(getpid(), "user"));
    const std::string inside = "nsenter --user=" + dir + "/userns ";
    BOOST_TEST(output_of(sandbox, inside + "sh -c \"tr -s ' ' < /proc/self/uid_map\"; " + inside +
                                      "hostname other; uname -n") == " 0 1310720 65536\nother\n");
    BOOST_TEST(std::filesystem::is_regular_file(dir + "/userns"));  // the host sees no namespace there
    // The layers have the pod's ids, and only in the child.
    auto child = sandbox.spawn(
        {"/bin/sh", "-c", "stat -c %u " + dir + "/root/*"}, dir + "/root",
        "lowerdir=" + dir + "/lower:" + dir + "/lower2,upperdir=" + dir + "/upper,workdir=" + dir + "/work");
    child.open();
    BOOST_TEST(child.read_all() == "1310720\n1310720\n");
    BOOST_TEST(output_of(sandbox, "stat -c %u " + dir + "/lower/file") == "0\n");
  }
  std::filesystem::remove_all(dir);
}

BOOST_AUTO_TEST_CASE(tmpfs_is_shared_by_the_children_and_unseen_by_the_host) {
  char shared[] = "/tmp/podsd-tmpfs-XXXXXX";
  BOOST_REQUIRE(mkdtemp(shared) != nullptr);
  std::string path = shared;
  {
    SandboxOptions options;
    options.tmpfs = {{path, "size=1048576,mode=0777"}};
    Sandbox sandbox(options);
    output_of(sandbox, "echo hello > " + path + "/file");
    BOOST_TEST(output_of(sandbox, "cat " + path + "/file; stat -f -c %T " + path) == "hello\ntmpfs\n");
    BOOST_TEST(std::filesystem::is_empty(path));
  }
  std::filesystem::remove(path);
}

BOOST_AUTO_TEST_CASE(programs_are_on_a_read_only_mount) {
  Sandbox sandbox;
  auto dir = std::filesystem::path(std::getenv("PODSD_SANDBOX")).parent_path().string();
  BOOST_TEST(output_of(sandbox, "touch " + dir + "/new 2>&1").find("Read-only file system") !=
             std::string::npos);
}

BOOST_AUTO_TEST_CASE(sandbox_holds_no_foreign_fd_and_leads_a_session) {
  Sandbox sandbox;
  output_of(sandbox, "true");
  auto proc = "/proc/" + std::to_string(sandbox.process.pid);
  int fds = 0;
  for (const auto& entry : std::filesystem::directory_iterator(proc + "/fd")) fds += entry.exists() || true;
  BOOST_TEST(fds == 6);  // 0, 1, 2, listening socket, signalfd, connection
  BOOST_TEST(getsid(sandbox.process.pid) == sandbox.process.pid);
}

BOOST_AUTO_TEST_CASE(gate_dropped_unopened_ends_the_sandbox) {
  SandboxOptions options;
  char dir[] = "/tmp/podsd-gate-XXXXXX";
  BOOST_REQUIRE(mkdtemp(dir) != nullptr);
  options.program = std::getenv("PODSD_SANDBOX");
  options.dir = dir;
  auto started = start_sandbox(options);
  BOOST_REQUIRE(started);
  started->gate.reset();
  int status = 0;
  BOOST_TEST(waitpid(started->pid, &status, 0) == started->pid);
  BOOST_TEST(WEXITSTATUS(status) == 125);
  std::filesystem::remove_all(dir);
}

BOOST_AUTO_TEST_CASE(missing_program_is_an_error_of_start) {
  SandboxOptions options;
  options.program = "/no/such/sandbox";
  options.dir = "/tmp";
  auto started = start_sandbox(options);
  BOOST_REQUIRE(!started);
  BOOST_TEST(started.error().code == ENOENT);
  std::filesystem::remove("/tmp/sandbox.sock");
}

BOOST_AUTO_TEST_CASE(proportional_memory_is_below_200_kb) {
  Sandbox sandbox;
  auto child = sandbox.shell("read line < /dev/zero");
  child.open();
  output_of(sandbox, "true");
  auto rollup = slurp("/proc/" + std::to_string(sandbox.process.pid) + "/smaps_rollup");
  auto at = rollup.find("\nPss:");
  BOOST_REQUIRE(at != std::string::npos);
  int kb = std::atoi(rollup.c_str() + at + 5);
  BOOST_TEST_MESSAGE("PSS of podsd-sandbox: " << kb << " kB");
  BOOST_TEST(kb > 0);
  BOOST_TEST(kb <= 200);
  kill(child.started.pid, SIGKILL);
}

BOOST_AUTO_TEST_SUITE_END()
