// SPDX-License-Identifier: Apache-2.0
#include "harness.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <sstream>

namespace podsd::sandbox {
namespace {

constexpr auto patience = std::chrono::seconds(60);
constexpr int patience_ms = 60'000;

std::filesystem::path fresh_folder() {
  char name[] = "/tmp/podsd-sandbox-test-XXXXXX";
  BOOST_REQUIRE(mkdtemp(name) != nullptr);
  return name;
}

}  // namespace

boost::test_tools::assertion_result can_run(boost::unit_test::test_unit_id) {
  boost::test_tools::assertion_result result(geteuid() == 0 && std::getenv("PODSD_SANDBOX") != nullptr);
  result.message() << "needs root and PODSD_SANDBOX";
  return result;
}

std::string Running::read_all() {
  std::string text;
  char buffer[4096];
  for (;;) {
    pollfd ready = {output.get(), POLLIN, 0};
    BOOST_REQUIRE_EQUAL(poll(&ready, 1, patience_ms), 1);
    ssize_t n = read(output.get(), buffer, sizeof buffer);
    BOOST_REQUIRE_GE(n, 0);
    if (n == 0) return text;
    text.append(buffer, static_cast<std::size_t>(n));
  }
}

std::string Running::read_line() {
  std::string text;
  while (!text.ends_with('\n')) {
    pollfd ready = {output.get(), POLLIN, 0};
    BOOST_REQUIRE_EQUAL(poll(&ready, 1, patience_ms), 1);
    char byte;
    BOOST_REQUIRE_EQUAL(read(output.get(), &byte, 1), 1);
    text += byte;
  }
  return text;
}

Sandbox::Sandbox(SandboxOptions options) : dir(fresh_folder()) {
  options.program = std::getenv("PODSD_SANDBOX");
  options.dir = dir;
  options.stderr_fd = STDERR_FILENO;
  auto started = start_sandbox(options);
  BOOST_REQUIRE_MESSAGE(started, (started ? "" : started.error().message()));
  process = std::move(*started);
  BOOST_REQUIRE(open_gate(process.gate));
  connect();
}

Sandbox::~Sandbox() {
  client.reset();
  kill(process.pid, SIGKILL);
  waitpid(process.pid, nullptr, 0);
  std::error_code ignored;
  std::filesystem::remove_all(dir, ignored);
}

void Sandbox::connect() {
  auto connected = connect_sandbox(io, dir);
  BOOST_REQUIRE_MESSAGE(connected, (connected ? "" : connected.error().message()));
  client = std::move(*connected);
  client->on_exit = [this](const Exit& exit) { exits.push_back(exit); };
  client->on_closed = [this](const Error& error) { closed = error.message(); };
}

void Sandbox::wait_until(const std::function<bool()>& condition) {
  auto deadline = std::chrono::steady_clock::now() + patience;
  while (!condition()) {
    io.restart();
    BOOST_REQUIRE_MESSAGE(std::chrono::steady_clock::now() < deadline, "nothing came within ten seconds");
    io.run_one_for(patience);
  }
}

std::optional<Exit> Sandbox::find_exit(int pid) const {
  for (const auto& exit : exits)
    if (exit.pid == pid) return exit;
  return std::nullopt;
}

Exit Sandbox::wait_exit(int pid) {
  wait_until([&] { return find_exit(pid).has_value(); });
  return *find_exit(pid);
}

Running Sandbox::spawn(std::vector<std::string> argv, const std::string& rootfs, const std::string& overlay) {
  SpawnRequest request;
  request.rootfs = rootfs;
  request.overlay_options = overlay;
  request.argv = std::move(argv);
  return await(std::move(request));
}

Running Sandbox::spawn_early(const std::string& script) {
  SpawnRequest request;
  request.argv = {"/bin/false"};
  request.early_argv = {"/bin/sh", "-c", script};
  return await(std::move(request));
}

Running Sandbox::await(SpawnRequest request) {
  int out[2];
  BOOST_REQUIRE_EQUAL(pipe2(out, O_CLOEXEC), 0);
  request.env = {"PATH=/bin:/usr/bin", "MARK=one two"};
  request.stdin_fd = UniqueFd(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  request.stdout_fd = UniqueFd(fcntl(out[1], F_DUPFD_CLOEXEC, 3));
  request.stderr_fd = UniqueFd(out[1]);
  std::optional<Result<Started>> answer;
  client->spawn(std::move(request), [&](Result<Started> started) { answer.emplace(std::move(started)); });
  BOOST_REQUIRE_MESSAGE(!answer, "called back from inside the call");
  wait_until([&] { return answer.has_value(); });
  BOOST_REQUIRE_MESSAGE(*answer, (*answer ? "" : answer->error().message()));
  return {std::move(**answer), UniqueFd(out[0])};
}

void await_death(const UniqueFd& pidfd) {
  pollfd dead = {pidfd.get(), POLLIN, 0};
  BOOST_REQUIRE_EQUAL(poll(&dead, 1, patience_ms), 1);
}

std::string slurp(const std::string& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

}  // namespace podsd::sandbox
