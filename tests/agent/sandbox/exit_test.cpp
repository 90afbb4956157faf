// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>

#include <cerrno>
#include <csignal>
#include <ctime>

#include "harness.hpp"

using namespace podsd;
using namespace podsd::sandbox;
namespace utf = boost::unit_test;

BOOST_AUTO_TEST_SUITE(exits, *utf::precondition(can_run))

BOOST_AUTO_TEST_CASE(codes_and_signals_are_true) {
  Sandbox sandbox;
  auto before = static_cast<std::int64_t>(time(nullptr)) * 1'000'000'000;
  auto three = sandbox.shell("exit 3");
  auto killed = sandbox.shell("kill -KILL $$");
  three.open();
  auto exit = sandbox.wait_exit(three.started.pid);
  BOOST_TEST(WEXITSTATUS(exit.wait_status) == 3);
  BOOST_TEST(exit.realtime_ns >= before);
  killed.open();
  BOOST_TEST(WTERMSIG(sandbox.wait_exit(killed.started.pid).wait_status) == SIGKILL);
}

BOOST_AUTO_TEST_CASE(exits_wait_for_an_agent_and_come_again_until_acknowledged) {
  Sandbox sandbox;
  auto first = sandbox.shell("exit 7");
  auto second = sandbox.shell("kill -SEGV $$");
  first.open();
  second.open();
  sandbox.disconnect();
  await_death(first.started.pidfd);
  await_death(second.started.pidfd);

  sandbox.connect();
  auto exit = sandbox.wait_exit(first.started.pid);
  BOOST_TEST(WEXITSTATUS(exit.wait_status) == 7);
  BOOST_TEST(WTERMSIG(sandbox.wait_exit(second.started.pid).wait_status) == SIGSEGV);

  sandbox.disconnect();
  sandbox.exits.clear();
  sandbox.connect();
  BOOST_TEST(sandbox.wait_exit(first.started.pid).serial == exit.serial);
  sandbox.client->acknowledge(exit.serial);

  auto marker = sandbox.shell("exit 0");  // its answer comes behind the acknowledgement
  sandbox.disconnect();
  sandbox.exits.clear();
  sandbox.connect();
  sandbox.wait_exit(second.started.pid);
  BOOST_TEST(!sandbox.find_exit(first.started.pid).has_value());
}

BOOST_AUTO_TEST_CASE(orphans_come_to_the_sandbox) {
  Sandbox sandbox;
  auto parent = sandbox.shell("sh -c 'echo $$; exec >&- 2>&-; read line < /dev/zero; exit 9' & exit 0");
  parent.open();
  sandbox.wait_exit(parent.started.pid);
  char line[32] = {};
  BOOST_REQUIRE_GT(read(parent.output.get(), line, sizeof line - 1), 0);
  int orphan = std::atoi(line);
  BOOST_TEST(slurp("/proc/" + std::to_string(orphan) + "/status")
                 .find("PPid:\t" + std::to_string(sandbox.process.pid)) != std::string::npos);
  kill(orphan, SIGTERM);
  BOOST_TEST(WTERMSIG(sandbox.wait_exit(orphan).wait_status) == SIGTERM);
}

BOOST_AUTO_TEST_CASE(children_outlive_the_agents_connection) {
  Sandbox sandbox;
  auto child = sandbox.shell("echo up; read line < " + (sandbox.dir / "fifo").string() + "; exit 5");
  auto fifo = sandbox.shell("mkfifo " + (sandbox.dir / "fifo").string());
  fifo.open();
  sandbox.wait_exit(fifo.started.pid);
  child.open();
  sandbox.disconnect();
  auto go = sandbox.dir / "fifo";
  sandbox.connect();
  auto writer = sandbox.shell("echo go > " + go.string());
  writer.open();
  BOOST_TEST(WEXITSTATUS(sandbox.wait_exit(child.started.pid).wait_status) == 5);
}

BOOST_AUTO_TEST_CASE(sigterm_ends_the_sandbox_at_once) {
  Sandbox sandbox;
  auto child = sandbox.shell("read line < /dev/zero");
  child.open();
  kill(sandbox.process.pid, SIGTERM);
  await_death(sandbox.process.pidfd);
  sandbox.wait_until([&] { return sandbox.closed.has_value(); });
  kill(child.started.pid, SIGKILL);
}

BOOST_AUTO_TEST_CASE(spawn_on_a_dead_sandbox_fails_from_the_loop) {
  Sandbox sandbox;
  kill(sandbox.process.pid, SIGKILL);
  await_death(sandbox.process.pidfd);
  std::optional<std::string> error;
  SpawnRequest request;
  request.argv = {"/bin/true"};
  for (auto* fd : {&request.stdin_fd, &request.stdout_fd, &request.stderr_fd}) *fd = UniqueFd(dup(2));
  sandbox.client->spawn(std::move(request), [&](Result<Started> r) { error = r ? "" : r.error().message(); });
  BOOST_TEST(!error);
  sandbox.wait_until([&] { return error.has_value(); });
  BOOST_TEST(*error == "the sandbox is gone");
  auto again = connect_sandbox(sandbox.io, sandbox.dir);
  BOOST_REQUIRE(!again);
  BOOST_TEST(again.error().code == ECONNREFUSED);
}

BOOST_AUTO_TEST_CASE(client_may_be_dropped_inside_its_callback) {
  Sandbox sandbox;
  auto child = sandbox.shell("exit 1");
  bool called = false;
  sandbox.client->on_exit = [&](const Exit&) {
    sandbox.client.reset();
    called = true;
  };
  child.open();
  sandbox.wait_until([&] { return called; });
  BOOST_TEST(!sandbox.closed);
}

namespace {

struct Pipe {
  UniqueFd read, write;
  Pipe() {
    int ends[2];
    BOOST_REQUIRE_EQUAL(pipe2(ends, O_CLOEXEC), 0);
    read.reset(ends[0]);
    write.reset(ends[1]);
  }
  /// The wait status, or -1 where the pipe ends without one.
  int status() {
    int status = -1;
    pollfd ready = {read.get(), POLLIN, 0};
    BOOST_REQUIRE_EQUAL(poll(&ready, 1, 10'000), 1);
    return ::read(read.get(), &status, sizeof status) == sizeof status ? status : -1;
  }
};

/// The pidfd, or the error's code.
std::expected<UniqueFd, int> watch(Sandbox& sandbox, int pid, Pipe& pipe) {
  std::optional<Result<UniqueFd>> answer;
  sandbox.client->watch(pid, std::move(pipe.write),
                        [&](Result<UniqueFd> r) { answer.emplace(std::move(r)); });
  sandbox.wait_until([&] { return answer.has_value(); });
  if (!*answer) return std::unexpected(answer->error().code);
  return std::move(**answer);
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_watched_end_goes_to_its_pipe_and_needs_no_agent) {
  Sandbox sandbox;
  auto child = sandbox.shell("exit 5");
  Pipe pipe;
  auto pidfd = watch(sandbox, child.started.pid, pipe);
  BOOST_REQUIRE(pidfd);
  BOOST_TEST(bool(*pidfd));
  sandbox.disconnect();
  child.open();
  BOOST_TEST(WEXITSTATUS(pipe.status()) == 5);
  BOOST_TEST(pipe.status() == -1);
  sandbox.connect();
  auto marker = sandbox.shell("exit 0");
  marker.open();
  sandbox.wait_exit(marker.started.pid);
  BOOST_TEST(!sandbox.find_exit(child.started.pid).has_value());
}

BOOST_AUTO_TEST_CASE(a_child_that_has_ended_can_still_be_watched_once) {
  Sandbox sandbox;
  auto child = sandbox.shell("kill -TERM $$");
  child.open();
  sandbox.wait_exit(child.started.pid);
  Pipe pipe, late, none;
  auto pidfd = watch(sandbox, child.started.pid, pipe);
  BOOST_REQUIRE(pidfd);
  BOOST_TEST(!*pidfd);
  BOOST_TEST(WTERMSIG(pipe.status()) == SIGTERM);
  BOOST_TEST(watch(sandbox, child.started.pid, late).error() == ESRCH);
  BOOST_TEST(late.status() == -1);
  BOOST_TEST(watch(sandbox, sandbox.process.pid, none).error() == ESRCH);
}

BOOST_AUTO_TEST_CASE(a_pipe_that_nobody_reads_or_that_is_full_harms_nobody) {
  Sandbox sandbox;
  Pipe closed, full;
  fcntl(full.write.get(), F_SETFL, O_NONBLOCK);
  char block[4096] = {};
  while (write(full.write.get(), block, sizeof block) > 0) continue;
  fcntl(full.write.get(), F_SETFL, 0);
  auto one = sandbox.shell("exit 1");
  auto two = sandbox.shell("exit 2");
  BOOST_REQUIRE(watch(sandbox, one.started.pid, closed));
  BOOST_REQUIRE(watch(sandbox, two.started.pid, full));
  closed.read.reset();
  one.open();
  two.open();
  auto child = sandbox.shell("exit 3");
  child.open();
  BOOST_TEST(WEXITSTATUS(sandbox.wait_exit(child.started.pid).wait_status) == 3);
}

BOOST_AUTO_TEST_SUITE_END()
