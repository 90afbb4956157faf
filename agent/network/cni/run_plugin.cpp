// SPDX-License-Identifier: Apache-2.0
#include "agent/network/cni/run_plugin.hpp"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>

#include "agent/os/unique_fd.hpp"

namespace podsd::network::cni {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t most_output = 1U << 20;
constexpr std::size_t kept_of_stderr = 64U << 10;
constexpr auto time_to_die = std::chrono::seconds(5);

struct Pipe {
  UniqueFd read_end, write_end;
};

Result<Pipe> make_pipe() {
  int fds[2];
  if (::pipe2(fds, O_CLOEXEC) != 0) return fail("cannot make a pipe", {}, errno);
  Pipe pipe{UniqueFd(fds[0]), UniqueFd(fds[1])};
  if (::fcntl(fds[0], F_SETFL, O_NONBLOCK) != 0) return fail("cannot make a pipe", {}, errno);
  return pipe;
}

/// A file in memory: a plugin that does not read its input blocks nobody.
Result<UniqueFd> file_of(const std::string& text) {
  UniqueFd fd(::memfd_create("cni-input", MFD_CLOEXEC));
  if (!fd) return fail("cannot make a file in memory", {}, errno);
  if (::write(fd.get(), text.data(), text.size()) != static_cast<ssize_t>(text.size()) ||
      ::lseek(fd.get(), 0, SEEK_SET) != 0)
    return fail("cannot write a plugin's input", {}, errno);
  return fd;
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> list;
  for (std::string& text : texts) list.push_back(text.data());
  list.push_back(nullptr);
  return list;
}

Result<pid_t> spawn(const PluginRun& run, const UniqueFd& in, const UniqueFd& out, const UniqueFd& err) {
  std::vector<std::string> argv{run.program}, environment;
  for (char** one = environ; *one != nullptr; ++one) environment.emplace_back(*one);
  environment.insert(environment.end(), run.environment.begin(), run.environment.end());
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  const std::array fds{in.get(), out.get(), err.get()};
  for (int i = 0; i < 3; ++i)
    ::posix_spawn_file_actions_adddup2(&actions, fds[static_cast<std::size_t>(i)], i);
  posix_spawnattr_t attributes;
  ::posix_spawnattr_init(&attributes);
  ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
  pid_t pid = 0;
  const int code = ::posix_spawn(&pid, run.program.c_str(), &actions, &attributes, pointers(argv).data(),
                                 pointers(environment).data());
  ::posix_spawnattr_destroy(&attributes);
  ::posix_spawn_file_actions_destroy(&actions);
  if (code != 0) return fail("cannot execute", run.program, code);
  return pid;
}

/// Takes what is there, some of it at a time; `cap` bytes are kept, the rest is dropped. False: nothing more
/// will come.
bool read_some(const UniqueFd& fd, std::string& to, std::size_t cap) {
  std::array<char, 65536> buffer{};
  for (int i = 0; i < 16; ++i) {
    const ssize_t n = ::read(fd.get(), buffer.data(), buffer.size());
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return n < 0 && errno == EAGAIN;
    to.append(buffer.data(), std::min(static_cast<std::size_t>(n), cap - to.size()));
  }
  return true;
}

/// Until the process has ended, or has to be.
PluginEnd watch(const UniqueFd& pidfd, const UniqueFd& out, const UniqueFd& err, Clock::time_point deadline) {
  PluginEnd end;
  std::array<pollfd, 3> fds{{{pidfd.get(), POLLIN, 0}, {out.get(), POLLIN, 0}, {err.get(), POLLIN, 0}}};
  while (end.how == PluginEnd::How::ended) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now()).count();
    if (left <= 0)
      end.how = PluginEnd::How::took_too_long;
    else if (::poll(fds.data(), fds.size(), static_cast<int>(left)) <= 0)
      continue;
    // What it wrote before its end is in the pipes by now.
    const bool ended = fds[0].revents != 0;
    if (!read_some(out, end.out, most_output + 1)) fds[1].fd = -1;
    if (!read_some(err, end.err, kept_of_stderr)) fds[2].fd = -1;
    if (end.out.size() > most_output) end.how = PluginEnd::How::wrote_too_much;
    if (ended) break;
  }
  return end;
}

Result<int> reap(pid_t pid, const UniqueFd& pidfd) {
  pollfd fd{pidfd.get(), POLLIN, 0};
  const auto deadline = Clock::now() + time_to_die;
  for (auto left = std::chrono::milliseconds(time_to_die); left.count() > 0;
       left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now())) {
    if (::poll(&fd, 1, static_cast<int>(left.count())) <= 0) continue;
    int status = 0;
    while (::waitpid(pid, &status, 0) < 0)
      if (errno != EINTR) return fail("cannot wait for a plugin", {}, errno);
    return status;
  }
  return fail("it cannot be killed");
}

}  // namespace

Result<PluginEnd> run_plugin(const PluginRun& run) {
  auto in = file_of(run.input);
  auto out = make_pipe();
  auto err = make_pipe();
  if (!in) return std::unexpected(in.error());
  if (!out || !err) return std::unexpected((out ? err : out).error());
  const auto pid = spawn(run, *in, out->write_end, err->write_end);
  if (!pid) return std::unexpected(pid.error());
  out->write_end.reset();
  err->write_end.reset();
  const UniqueFd pidfd(static_cast<int>(::syscall(SYS_pidfd_open, *pid, 0)));
  if (!pidfd) {
    const int code = errno;
    ::kill(-*pid, SIGKILL);
    return fail("cannot open a pidfd", run.program, code);
  }
  PluginEnd end = watch(pidfd, out->read_end, err->read_end, Clock::now() + run.deadline);
  // Its number is its own until it is reaped, and so is the group's.
  ::kill(-*pid, SIGKILL);
  const auto status = reap(*pid, pidfd);
  if (!status) return std::unexpected(status.error());
  end.wait_status = *status;
  return end;
}

}  // namespace podsd::network::cni
