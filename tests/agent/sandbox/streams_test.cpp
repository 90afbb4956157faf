// SPDX-License-Identifier: Apache-2.0
// The streams that a sandbox holds for a container, and the sessions at them.
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>

#include "agent/os/fd_passing.hpp"
#include "held.hpp"

namespace podsd::sandbox {
namespace {

BOOST_TEST_DECORATOR(*boost::unit_test::precondition(can_run))
BOOST_AUTO_TEST_SUITE(streams)

BOOST_AUTO_TEST_CASE(output_goes_to_the_journal_under_the_name_of_the_first_process) {
  Held held;
  held.start("echo one; echo two >&2; read line; echo got $line; exit 7");
  held.claim();
  BOOST_TEST(held.out.read_until("one\n") == "one\n");
  BOOST_TEST(held.out.pid == held.pid);
  BOOST_TEST(held.err.read_until("two\n") == "two\n");
  BOOST_TEST(held.err.pid == held.pid);
  auto session = held.attach();
  BOOST_TEST(session.flags == (attached_output | hold_stdin));
  put(session.in, "line\n");
  BOOST_TEST(read_until(session.out, "") == "got line\n");
  BOOST_TEST(held.out.read_until("got line\n") == "one\ngot line\n");
  BOOST_TEST(held.out.pid == held.pid);
  const SessionEnd end = session.end();
  BOOST_TEST(end.why == SessionEnd::child_ended);
  BOOST_TEST(WEXITSTATUS(end.wait_status) == 7);
  BOOST_TEST(held.sandbox.wait_exit(held.pid).wait_status == end.wait_status);
}

BOOST_AUTO_TEST_CASE(a_container_that_has_ended_before_it_is_claimed_loses_nothing) {
  Held held;
  held.start("head -c 60000 /dev/zero | tr '\\''\\\\0'\\'' x; echo end");
  auto other = held.sandbox.shell("exit 3");
  held.sandbox.wait_exit(held.runtime);
  other.open();
  await_death(other.started.pidfd);
  const int pid = std::stoi(slurp(held.pid_file()));
  BOOST_TEST(!held.sandbox.find_exit(pid));
  held.claim();
  BOOST_TEST(held.out.read_until("end\n").size() == 60004U);
  BOOST_TEST(held.out.pid == held.pid);
  held.sandbox.wait_exit(held.pid);
  held.sandbox.wait_exit(other.started.pid);
}

BOOST_AUTO_TEST_CASE(what_nobody_claims_is_dropped) {
  Held held;
  held.start("cat");
  held.sandbox.wait_exit(held.runtime);
  const int pid = std::stoi(slurp(held.pid_file()));
  held.sandbox.client->claim("another", pid);
  held.sandbox.client->claim("c", 0);
  held.sandbox.wait_exit(pid);  // its input ended
}

BOOST_AUTO_TEST_CASE(several_sessions_see_the_same_and_are_heard_alike) {
  Held held;
  held.start("while read line; do echo got $line; done");
  held.claim();
  auto one = held.attach(), two = held.attach(), mute = held.attach(false);
  put(one.in, "a\n");
  for (auto* session : {&one, &two, &mute}) BOOST_TEST(read_until(session->out, "\n") == "got a\n");
  one = {};
  put(two.in, "b\n");
  for (auto* session : {&two, &mute}) BOOST_TEST(read_until(session->out, "\n") == "got b\n");
  two.in.reset();
  auto three = held.attach();
  put(three.in, "c\n");
  for (auto* session : {&two, &three, &mute}) BOOST_TEST(read_until(session->out, "\n") == "got c\n");
}

BOOST_AUTO_TEST_CASE(stdin_once_ends_with_the_first_session_that_has_an_input) {
  Held held({"c", true, true, false});
  held.start("cat; echo over");
  held.claim();
  auto mute = held.attach(false);
  mute = {};
  auto first = held.attach(), second = held.attach();
  put(first.in, "text\n");
  BOOST_TEST(read_until(second.out, "\n") == "text\n");
  first = {};
  BOOST_TEST(read_until(second.out, "") == "over\n");
  BOOST_TEST(second.end().why == SessionEnd::child_ended);
}

BOOST_AUTO_TEST_CASE(sessions_outlive_the_agent) {
  Held held;
  held.start("read line; echo $line; exit 5");
  held.claim();
  auto session = held.attach();
  held.sandbox.disconnect();
  put(session.in, "still\n");
  BOOST_TEST(read_until(session.out, "") == "still\n");
  BOOST_TEST(WEXITSTATUS(session.end().wait_status) == 5);
  held.sandbox.connect();
  held.sandbox.wait_exit(held.pid);
}

BOOST_AUTO_TEST_CASE(who_has_no_reader_is_told_and_holds_up_nobody) {
  Held held;
  held.start("while read line; do echo $line; done");
  held.claim();
  auto gone = held.attach(), other = held.attach();
  gone.out.reset();
  put(other.in, "x\n");
  BOOST_TEST(gone.end().why == SessionEnd::closed);
  BOOST_TEST(read_until(other.out, "\n") == "x\n");
}

BOOST_AUTO_TEST_CASE(who_takes_nothing_is_left_behind) {
  Held held;
  held.start("read line; head -c 1000000 /dev/zero; echo done; read line");
  held.claim();
  auto slow = held.attach();
  put(slow.in, "go\n");
  BOOST_TEST(held.out.read_until("done\n").size() == 1000005U);
  BOOST_TEST(slow.end().why == SessionEnd::too_slow);
}

BOOST_AUTO_TEST_CASE(a_child_whose_streams_are_not_held_tells_its_end) {
  Held held;
  auto child = held.sandbox.shell("read line </dev/zero; exit 4");
  held.pid = child.started.pid;
  auto session = held.attach();
  BOOST_TEST(session.flags == 0U);
  child.open();
  kill(held.pid, SIGKILL);
  const SessionEnd end = session.end();
  BOOST_TEST(end.why == SessionEnd::child_ended);
  BOOST_TEST(WTERMSIG(end.wait_status) == SIGKILL);
  held.sandbox.wait_exit(held.pid);
}

BOOST_AUTO_TEST_CASE(a_terminal_is_received_and_has_the_size_of_its_session) {
  Held held({"c", true, false, true});
  // What stands for the runtime has left a process at the terminal, which it then sends.
  UniqueFd listening(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  std::strcpy(address.sun_path, (held.sandbox.dir / "console").c_str());
  BOOST_REQUIRE_EQUAL(bind(listening.get(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  BOOST_REQUIRE_EQUAL(listen(listening.get(), 1), 0);
  UniqueFd master(posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC));
  BOOST_REQUIRE(grantpt(master.get()) == 0 && unlockpt(master.get()) == 0);
  const std::string slave = ptsname(master.get());
  SpawnRequest request;
  request.argv = {"/bin/sh", "-c",
                  "setsid /bin/sh -c 'while read line; do $line; done' <" + slave + " >" + slave +
                      " 2>&1 & echo $! >" + held.pid_file()};
  request.env = {"PATH=/bin:/usr/bin"};
  request.stdin_fd = std::move(listening);
  held.spawn(std::move(request));
  held.sandbox.wait_exit(held.runtime);
  UniqueFd console(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  BOOST_REQUIRE_EQUAL(connect(console.get(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  BOOST_REQUIRE(send_with_fd(console, "/dev/ptmx", master));
  master.reset();
  held.claim();
  auto session = held.attach();
  BOOST_TEST(session.flags == (attached_output | hold_stdin | hold_terminal));
  const WindowSize size = {33, 101};
  BOOST_REQUIRE_EQUAL(send(session.control.get(), &size, sizeof size, 0), static_cast<ssize_t>(sizeof size));
  put(session.in, "stty size\n");
  BOOST_TEST(read_until(session.out, "33 101\r\n") == "stty size\r\n33 101\r\n");
  BOOST_TEST(held.out.read_until("33 101\n") == "stty size\n33 101\n");
  BOOST_TEST(held.out.pid == held.pid);
  put(session.in, "exit 6\n");
  BOOST_TEST(WEXITSTATUS(session.end().wait_status) == 6);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace podsd::sandbox
