// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <csignal>

#include "harness.hpp"

using namespace podsd;
using namespace podsd::sandbox;
namespace utf = boost::unit_test;

BOOST_AUTO_TEST_SUITE(spawning, *utf::precondition(can_run))

BOOST_AUTO_TEST_CASE(child_does_nothing_before_its_gate_opens) {
  Sandbox sandbox;
  auto first = sandbox.shell("echo ran > " + (sandbox.dir / "first").string());
  auto second = sandbox.shell("true");
  second.open();
  sandbox.wait_exit(second.started.pid);  // a later child came and went
  BOOST_TEST(!std::filesystem::exists(sandbox.dir / "first"));
  BOOST_TEST(slurp("/proc/" + std::to_string(first.started.pid) + "/comm") == "podsd-sandbox\n");
  first.open();
  sandbox.wait_exit(first.started.pid);
  BOOST_TEST(slurp(sandbox.dir / "first") == "ran\n");
}

BOOST_AUTO_TEST_CASE(closing_the_gate_ends_the_child_with_125) {
  Sandbox sandbox;
  auto child = sandbox.shell("echo ran");
  auto sibling =
      sandbox.shell("true");  // forked while the first waits: it must not hold the first one's gate
  child.started.gate.reset();
  auto exit = sandbox.wait_exit(child.started.pid);
  BOOST_TEST(WIFEXITED(exit.wait_status));
  BOOST_TEST(WEXITSTATUS(exit.wait_status) == 125);
  BOOST_TEST(child.read_all() == "");
}

BOOST_AUTO_TEST_CASE(child_has_three_fds_its_environment_and_clean_signals) {
  Sandbox sandbox;
  auto child = sandbox.shell("ls -1 /proc/self/fd; echo $MARK; grep -E 'Sig(Blk|Ign)' /proc/self/status");
  child.open();
  BOOST_TEST(child.read_all() ==
             "0\n1\n2\n3\none two\nSigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\n");
}

BOOST_AUTO_TEST_CASE(missing_program_is_reported_with_126) {
  Sandbox sandbox;
  auto child = sandbox.spawn({"/no/such/program"});
  child.open();
  BOOST_TEST(child.read_all() ==
             "podsd-sandbox: cannot execute: /no/such/program: No such file or directory\n");
  BOOST_TEST(WEXITSTATUS(sandbox.wait_exit(child.started.pid).wait_status) == 126);
}

BOOST_AUTO_TEST_CASE(overlay_is_seen_by_the_child_alone) {
  Sandbox sandbox;
  auto base = sandbox.dir.string();
  for (const char* name : {"lower", "upper", "work", "root"}) mkdir((base + "/" + name).c_str(), 0755);
  close(open((base + "/lower/here").c_str(), O_CREAT | O_WRONLY, 0644));
  auto child = sandbox.spawn(
      {"/bin/sh", "-c", "ls " + base + "/root; echo new > " + base + "/root/made; cat"}, base + "/root",
      "lowerdir=" + base + "/lower,upperdir=" + base + "/upper,workdir=" + base + "/work");
  child.open();
  BOOST_TEST(child.read_all() == "here\n");
  sandbox.wait_exit(child.started.pid);
  BOOST_TEST(slurp(base + "/upper/made") == "new\n");
  BOOST_TEST(std::filesystem::is_empty(base + "/root"));
}

BOOST_AUTO_TEST_CASE(failing_overlay_is_reported_with_126) {
  Sandbox sandbox;
  auto child = sandbox.spawn({"/bin/true"}, sandbox.dir / "nowhere", "lowerdir=/a:/b");
  child.open();
  BOOST_TEST(
      child.read_all().starts_with("podsd-sandbox: cannot mount the overlay: " + sandbox.dir.string()));
  BOOST_TEST(WEXITSTATUS(sandbox.wait_exit(child.started.pid).wait_status) == 126);
}

BOOST_AUTO_TEST_CASE(hundred_children_at_once) {
  Sandbox sandbox;
  std::vector<Running> children;
  for (int i = 0; i < 100; ++i) children.push_back(sandbox.shell("exit " + std::to_string(i)));
  for (auto& child : children) child.open();
  for (int i = 0; i < 100; ++i)
    BOOST_TEST(WEXITSTATUS(sandbox.wait_exit(children[i].started.pid).wait_status) == i);
}

BOOST_AUTO_TEST_SUITE_END()
