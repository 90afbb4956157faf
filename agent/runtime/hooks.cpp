// SPDX-License-Identifier: Apache-2.0
#include "agent/runtime/hooks.hpp"

#include <fcntl.h>
#include <linux/close_range.h>
#include <linux/sched.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <cerrno>
#include <csignal>
#include <ctime>

#include "agent/runtime/program.hpp"

namespace podsd::runtime {
namespace {

constexpr std::size_t max_said_bytes = 4096;

// What a hook has: a file for its input, which nobody has to wait for, and a pipe for what it says.
struct Streams {
  UniqueFd input, output, said;
};

Result<Streams> open_streams(const std::string& state) {
  Streams streams;
  streams.input.reset(memfd_create("state", MFD_CLOEXEC));
  int ends[2];
  if (!streams.input || pipe2(ends, O_CLOEXEC) < 0) return fail("cannot make its streams", {}, errno);
  streams.said.reset(ends[0]);
  streams.output.reset(ends[1]);
  if (fcntl(ends[0], F_SETFL, O_NONBLOCK) < 0) return fail("cannot make its streams", {}, errno);
  if (pwrite(streams.input.get(), state.data(), state.size(), 0) != static_cast<ssize_t>(state.size()))
    return fail("cannot write its input", {}, errno);
  return streams;
}

[[noreturn]] void become_hook(const Hook& hook, const Streams& streams, const UniqueFd& directory) {
  std::vector<std::string> args = hook.args, env = hook.env;
  if (args.empty()) args = {hook.path};
  auto argv = argument_pointers(args), envp = argument_pointers(env);
  reset_signals();
  dup2(streams.input.get(), STDIN_FILENO);
  dup2(streams.output.get(), STDOUT_FILENO);
  dup2(streams.output.get(), STDERR_FILENO);
  close_range(STDERR_FILENO + 1, ~0U, CLOSE_RANGE_CLOEXEC);
  if (!directory || fchdir(directory.get()) == 0) execve(hook.path.c_str(), argv.data(), envp.data());
  std::string error = error_text(errno);
  ssize_t ignored = write(STDERR_FILENO, error.data(), error.size());
  static_cast<void>(ignored);
  _exit(127);
}

// Keeps the end of what there is to read.
void drain(const UniqueFd& pipe, std::string& said) {
  char buffer[1024];
  for (ssize_t n; (n = read(pipe.get(), buffer, sizeof buffer)) > 0;) {
    said.append(buffer, static_cast<std::size_t>(n));
    if (said.size() > max_said_bytes) said.erase(0, said.size() - max_said_bytes);
  }
}

std::int64_t now_ms() {
  timespec time = {};
  clock_gettime(CLOCK_MONOTONIC, &time);
  return std::int64_t{time.tv_sec} * 1000 + time.tv_nsec / 1'000'000;
}

// Waits for the process's end alone: what it may have left in the background can keep the pipe.
bool ends_in_time(const UniqueFd& process, const UniqueFd& pipe, int timeout, std::string& said) {
  const std::int64_t deadline = now_ms() + std::int64_t{timeout} * 1000;
  pollfd fds[] = {{process.get(), POLLIN, 0}, {pipe.get(), POLLIN, 0}};
  for (;;) {
    std::int64_t left = timeout == 0 ? -1 : std::max<std::int64_t>(deadline - now_ms(), 0);
    int ready = poll(fds, 2, static_cast<int>(std::min<std::int64_t>(left, INT32_MAX)));
    if (ready < 0 && errno != EINTR) return false;
    if (ready == 0) return false;
    drain(pipe, said);
    if ((fds[1].revents & POLLHUP) != 0) fds[1].fd = -1;
    if (ready > 0 && fds[0].revents != 0) return true;
  }
}

Result<void> judge(const siginfo_t& end, std::string said) {
  if (end.si_code == CLD_EXITED && end.si_status == 0) return {};
  while (said.ends_with('\n')) said.pop_back();
  std::string how = (end.si_code == CLD_EXITED ? "ended with exit code " : "ended by signal ") +
                    std::to_string(end.si_status);
  return fail(std::move(how), std::move(said));
}

Result<void> run_hook(const Hook& hook, const std::string& state, const UniqueFd& directory) {
  auto streams = open_streams(state);
  if (!streams) return std::unexpected(streams.error());
  clone_args args = {};
  int pidfd = -1;
  args.flags = CLONE_PIDFD;
  args.pidfd = reinterpret_cast<std::uint64_t>(&pidfd);
  args.exit_signal = SIGCHLD;
  long pid = syscall(SYS_clone3, &args, sizeof args);
  if (pid < 0) return fail("cannot make a process", {}, errno);
  if (pid == 0) become_hook(hook, *streams, directory);
  UniqueFd process(pidfd);
  streams->output.reset();
  std::string said;
  bool in_time = ends_in_time(process, streams->said, hook.timeout, said);
  if (!in_time) syscall(SYS_pidfd_send_signal, process.get(), SIGKILL, nullptr, 0);
  siginfo_t end = {};
  while (waitid(P_PIDFD, static_cast<id_t>(process.get()), &end, WEXITED) < 0 && errno == EINTR) {
  }
  if (!in_time) return fail("killed after its timeout of " + std::to_string(hook.timeout) + " s");
  return judge(end, std::move(said));
}

}  // namespace

Result<void> run_hooks(const std::vector<Hook>& hooks, std::string_view name, const std::string& state,
                       const UniqueFd& directory) {
  for (const Hook& hook : hooks)
    if (auto done = run_hook(hook, state, directory); !done)
      return fail(std::string(name) + " hook", hook.path, done.error());
  return {};
}

}  // namespace podsd::runtime
