// SPDX-License-Identifier: Apache-2.0
#include "agent/runtime/scope_program.hpp"

#include <fcntl.h>
#include <linux/close_range.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>

#include "agent/os/unique_fd.hpp"

namespace podsd::runtime {
namespace {

constexpr const char* program = PODSD_LIBEXECDIR "/podsd-runtime-systemd";
constexpr std::size_t max_message_bytes = 4096;

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> list;
  for (auto& text : texts) list.push_back(text.data());
  list.push_back(nullptr);
  return list;
}

// Where a user's own systemd is reached; root asks PID 1.
std::vector<std::string> environment() {
  std::vector<std::string> list;
  for (const char* name : {"DBUS_SESSION_BUS_ADDRESS", "XDG_RUNTIME_DIR"})
    if (const char* value = getenv(name); value != nullptr) list.push_back(std::string(name) + "=" + value);
  return list;
}

[[noreturn]] void execute(char** argv, char** envp, int messages) {
  int null = open("/dev/null", O_RDWR | O_CLOEXEC);
  if (dup2(null, 0) < 0 || dup2(null, 1) < 0 || dup2(messages, 2) < 0) _exit(1);
  // Also those that the container is to keep.
  close_range(3, ~0U, CLOSE_RANGE_CLOEXEC);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  execve(program, argv, envp);
  std::string text = "cannot execute " + std::string(program) + ": " + ::strerror(errno);
  ssize_t ignored = write(2, text.data(), text.size());
  static_cast<void>(ignored);
  _exit(1);
}

std::string read_message(const UniqueFd& pipe) {
  std::string text;
  char buffer[512];
  for (;;) {
    ssize_t n = read(pipe.get(), buffer, sizeof buffer);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) break;
    if (text.size() < max_message_bytes) text.append(buffer, static_cast<std::size_t>(n));
  }
  while (text.ends_with('\n')) text.pop_back();
  return text;
}

Result<void> ask(std::vector<std::string> words) {
  words.insert(words.begin(), "podsd-runtime-systemd");
  auto variables = environment();
  auto argv = pointers(words), envp = pointers(variables);
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) < 0) return fail("cannot make a pipe", {}, errno);
  UniqueFd messages(ends[0]), into(ends[1]);
  pid_t pid = fork();
  if (pid < 0) return fail("cannot make a process", {}, errno);
  if (pid == 0) execute(argv.data(), envp.data(), into.get());
  into.reset();
  std::string text = read_message(messages);
  int status = 0;
  while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return {};
  return fail("systemd", text.empty() ? "podsd-runtime-systemd failed" : text);
}

}  // namespace

Result<void> start_scope(const std::string& scope, const std::string& slice, int pid,
                         std::vector<std::string> properties) {
  properties.insert(properties.begin(),
                    {"start", scope, "Slice=s:" + slice, "PIDs=au:" + std::to_string(pid)});
  return ask(std::move(properties));
}

Result<void> set_scope_properties(const std::string& scope, const std::vector<std::string>& properties) {
  if (properties.empty()) return {};
  std::vector<std::string> words = {"set", scope};
  words.insert(words.end(), properties.begin(), properties.end());
  return ask(std::move(words));
}

Result<void> stop_scope(const std::string& scope) {
  return ask({"stop", scope});
}

}  // namespace podsd::runtime
