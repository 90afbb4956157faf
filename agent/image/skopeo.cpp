// SPDX-License-Identifier: Apache-2.0
#include "agent/image/skopeo.hpp"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>

#include "agent/one_line.hpp"
#include "agent/os/unique_fd.hpp"

namespace podsd::image {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kept_of_stderr = 16384;
constexpr std::size_t longest_error = 1024;

struct Pipe {
  UniqueFd read_end, write_end;
};

Result<Pipe> make_pipe() {
  int fds[2];
  if (::pipe2(fds, O_CLOEXEC) != 0) return fail("cannot make a pipe", {}, errno);
  return Pipe{UniqueFd(fds[0]), UniqueFd(fds[1])};
}

std::vector<std::string> environment(const std::vector<std::string>& more) {
  std::vector<std::string> env{"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"};
  for (const char* name : {"http_proxy", "https_proxy", "no_proxy", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY",
                           "SSL_CERT_FILE", "SSL_CERT_DIR", "CONTAINERS_REGISTRIES_CONF"})
    if (const char* value = std::getenv(name)) env.push_back(std::string(name) + "=" + value);
  env.insert(env.end(), more.begin(), more.end());
  return env;
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> list;
  for (std::string& text : texts) list.push_back(text.data());
  list.push_back(nullptr);
  return list;
}

Result<pid_t> spawn(std::vector<std::string> argv, std::vector<std::string> env, const Pipe& out,
                    const Pipe& err) {
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  ::posix_spawn_file_actions_adddup2(&actions, out.write_end.get(), 1);
  ::posix_spawn_file_actions_adddup2(&actions, err.write_end.get(), 2);
  pid_t pid = 0;
  const int code =
      ::posix_spawnp(&pid, "skopeo", &actions, nullptr, pointers(argv).data(), pointers(env).data());
  ::posix_spawn_file_actions_destroy(&actions);
  if (code == ENOENT) return fail("skopeo is not installed, and it does the transfer of images");
  if (code != 0) return fail("cannot run", "skopeo", code);
  return pid;
}

/// Reads what there is; false at the end.
bool read_some(const UniqueFd& fd, std::string& to) {
  std::array<char, 65536> buffer{};
  const ssize_t n = ::read(fd.get(), buffer.data(), buffer.size());
  if (n < 0) return errno == EINTR || errno == EAGAIN;
  to.append(buffer.data(), static_cast<std::size_t>(n));
  return n > 0;
}

struct Output {
  std::string out, err;
};

/// Until both streams end. Errors: ETIMEDOUT; too much of it.
Result<void> read_both(const Pipe& out, const Pipe& err, Clock::time_point end, std::size_t cap,
                       const std::function<void()>& tick, Output& to) {
  constexpr std::chrono::milliseconds second(1000);
  auto next_tick = tick ? Clock::now() + second : Clock::time_point::max();
  std::array<pollfd, 2> fds{{{out.read_end.get(), POLLIN, 0}, {err.read_end.get(), POLLIN, 0}}};
  while (fds[0].fd >= 0 || fds[1].fd >= 0) {
    const auto now = Clock::now();
    if (now >= end) return fail("the transfer took too long", {}, ETIMEDOUT);
    if (now >= next_tick) {
      tick();
      next_tick = now + second;
    }
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(std::min(end, next_tick) - now).count();
    if (::poll(fds.data(), fds.size(), static_cast<int>(left)) < 0 && errno != EINTR)
      return fail("cannot wait for", "skopeo", errno);
    if (fds[0].revents != 0 && !read_some(out.read_end, to.out)) fds[0].fd = -1;
    if (fds[1].revents != 0 && !read_some(err.read_end, to.err)) fds[1].fd = -1;
    if (to.out.size() > cap)
      return fail("the registry's answer is larger than " + std::to_string(cap) + " bytes");
    if (to.err.size() > kept_of_stderr) to.err.erase(0, to.err.size() - kept_of_stderr);
  }
  return {};
}

/// The text between the quotes of logfmt's msg="…", unescaped.
std::string quoted(const std::string& text, std::size_t at) {
  std::string out;
  for (; at < text.size() && text[at] != '"'; ++at) {
    if (text[at] == '\\' && at + 1 < text.size()) ++at;
    out += text[at];
  }
  return out;
}

}  // namespace

std::string skopeo_error(const std::string& text) {
  constexpr std::string_view mark = "level=fatal msg=\"";
  const std::size_t fatal = text.rfind(mark);
  std::string line = fatal != std::string::npos ? quoted(text, fatal + mark.size()) : text;
  while (!line.empty() && (line.back() == '\n' || line.back() == ' ')) line.pop_back();
  // The last line of plain output says why; what precedes it is progress.
  if (fatal == std::string::npos) line.erase(0, line.rfind('\n') + 1);
  // It says so of every error of the registry, although the name was parsed.
  constexpr std::string_view prefix = "Error parsing image name \"";
  if (const auto end = line.find("\": "); line.starts_with(prefix) && end != std::string::npos)
    line.erase(0, end + 3);
  line = one_line(line, longest_error);
  return line.empty() ? "skopeo says nothing" : line;
}

Result<std::string> run_skopeo(const std::vector<std::string>& arguments, const std::vector<std::string>& env,
                               std::chrono::seconds deadline, std::size_t cap,
                               const std::function<void()>& tick) {
  auto out = make_pipe();
  auto err = make_pipe();
  if (!out || !err) return std::unexpected((out ? err : out).error());
  std::vector<std::string> argv{"skopeo"};
  argv.insert(argv.end(), arguments.begin(), arguments.end());
  const auto pid = spawn(std::move(argv), environment(env), *out, *err);
  if (!pid) return std::unexpected(pid.error());
  out->write_end.reset();
  err->write_end.reset();
  Output output;
  const auto read = read_both(*out, *err, Clock::now() + deadline, cap, tick, output);
  if (!read) ::kill(*pid, SIGKILL);
  int status = 0;
  while (::waitpid(*pid, &status, 0) < 0 && errno == EINTR) continue;
  if (!read) return std::unexpected(read.error());
  if (WIFSIGNALED(status)) return fail("skopeo was killed by signal " + std::to_string(WTERMSIG(status)));
  if (status != 0) return fail(skopeo_error(output.err));
  return std::move(output.out);
}

}  // namespace podsd::image
