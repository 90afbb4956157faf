// SPDX-License-Identifier: Apache-2.0
// The streams that a sandbox holds for a container, and the sessions at them. A shell stands for the OCI
// runtime: it leaves a child behind, whose number it tells by a file.
#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <termios.h>

#include <boost/test/unit_test.hpp>
#include <cstring>

#include "agent/os/fd_passing.hpp"
#include "agent/sandbox/protocol.hpp"
#include "harness.hpp"

namespace podsd::sandbox {
namespace {

constexpr int patience_ms = 60'000;

struct Pair {
  UniqueFd ours, theirs;
};

Pair make_pair(int type) {
  int ends[2];
  BOOST_REQUIRE_EQUAL(socketpair(AF_UNIX, type | SOCK_CLOEXEC, 0, ends), 0);
  return {UniqueFd(ends[0]), UniqueFd(ends[1])};
}

/// `ours` is the end that reads.
Pair make_pipe() {
  int ends[2];
  BOOST_REQUIRE_EQUAL(pipe2(ends, O_CLOEXEC), 0);
  return {UniqueFd(ends[0]), UniqueFd(ends[1])};
}

void await_readable(const UniqueFd& fd) {
  pollfd ready = {fd.get(), POLLIN, 0};
  BOOST_REQUIRE_EQUAL(poll(&ready, 1, patience_ms), 1);
}

/// Reads until `text` has come, or the end.
std::string read_until(const UniqueFd& fd, const std::string& text) {
  std::string all;
  char buffer[65536];
  while (text.empty() || all.find(text) == std::string::npos) {
    await_readable(fd);
    const ssize_t n = read(fd.get(), buffer, sizeof buffer);
    if (n <= 0) break;
    all.append(buffer, static_cast<std::size_t>(n));
  }
  return all;
}

void put(const UniqueFd& fd, const std::string& text) {
  BOOST_REQUIRE_EQUAL(write(fd.get(), text.data(), text.size()), static_cast<ssize_t>(text.size()));
}

/// A stream of the journal: what came, and from whom.
struct Journal {
  Journal() : pair(make_pair(SOCK_STREAM)) {
    const int on = 1;
    setsockopt(pair.ours.get(), SOL_SOCKET, SO_PASSCRED, &on, sizeof on);
  }

  std::string read_until(const std::string& text) {
    while (all.find(text) == std::string::npos && receive()) continue;
    return all;
  }

  bool receive() {
    await_readable(pair.ours);
    char buffer[65536];
    alignas(cmsghdr) char control[CMSG_SPACE(sizeof(ucred))];
    iovec data = {buffer, sizeof buffer};
    msghdr message = {};
    message.msg_iov = &data;
    message.msg_iovlen = 1;
    message.msg_control = control;
    message.msg_controllen = sizeof control;
    const ssize_t n = recvmsg(pair.ours.get(), &message, 0);
    if (n <= 0) return false;
    ucred sender;
    std::memcpy(&sender, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof sender);
    pid = sender.pid;
    all.append(buffer, static_cast<std::size_t>(n));
    return true;
  }

  Pair pair;
  std::string all;
  int pid = 0;
};

struct Session {
  UniqueFd in, out, err, control;
  std::uint32_t flags = 0;

  SessionEnd end() {
    SessionEnd end = {};
    await_readable(control);
    BOOST_REQUIRE_EQUAL(recv(control.get(), &end, sizeof end, 0), static_cast<ssize_t>(sizeof end));
    return end;
  }
};

struct Held {
  explicit Held(HeldStreams streams = {"c", true, false, false}) : held(std::move(streams)) {}

  /// `script` is what the container runs.
  void start(const std::string& script) {
    SpawnRequest request;
    // An asynchronous list has no standard input of its own (POSIX, "Lists").
    request.argv = {"/bin/sh", "-c",
                    "exec 3<&0; /bin/sh -c '" + script + "' <&3 3<&- & echo $! >" + pid_file()};
    request.env = {"PATH=/bin:/usr/bin"};
    request.stdin_fd = UniqueFd(::open("/dev/null", O_RDONLY | O_CLOEXEC));
    spawn(std::move(request));
  }

  void spawn(SpawnRequest request) {
    request.stdout_fd = std::move(out.pair.theirs);
    request.stderr_fd = std::move(err.pair.theirs);
    request.held = held;
    std::optional<Result<Started>> answer;
    sandbox.client->spawn(std::move(request),
                          [&](Result<Started> started) { answer.emplace(std::move(started)); });
    sandbox.wait_until([&] { return answer.has_value(); });
    BOOST_REQUIRE_MESSAGE(*answer, (*answer ? "" : answer->error().message()));
    runtime = (*answer)->pid;
    BOOST_REQUIRE(open_gate((*answer)->gate));
  }

  void claim() {
    sandbox.wait_exit(runtime);
    pid = std::stoi(slurp(pid_file()));
    sandbox.client->claim(held.container, pid);
  }

  Session attach(bool input = true) {
    auto in = make_pipe(), one = make_pipe(), two = make_pipe(), control = make_pair(SOCK_SEQPACKET);
    Session session{std::move(in.theirs), std::move(one.ours), std::move(two.ours), std::move(control.ours)};
    std::optional<Result<std::uint32_t>> answer;
    sandbox.client->attach({pid, input, std::move(in.ours), std::move(one.theirs), std::move(two.theirs),
                            std::move(control.theirs)},
                           [&](Result<std::uint32_t> flags) { answer.emplace(std::move(flags)); });
    sandbox.wait_until([&] { return answer.has_value(); });
    BOOST_REQUIRE_MESSAGE(*answer, (*answer ? "" : answer->error().message()));
    session.flags = **answer;
    return session;
  }

  std::string pid_file() const { return sandbox.dir / "pid"; }

  Sandbox sandbox;
  HeldStreams held;
  Journal out, err;
  int runtime = 0, pid = 0;
};

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
