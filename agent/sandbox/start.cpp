// SPDX-License-Identifier: Apache-2.0
// Starting podsd-sandbox. Between vfork and exec only system calls on prepared data.
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

#include "agent/sandbox/address.hpp"
#include "agent/sandbox/client.hpp"
#include "agent/sandbox/isolate.hpp"

namespace podsd::sandbox {
namespace {

constexpr int first_free_fd = gate_fd + 1;

Result<UniqueFd> listen_in(const std::filesystem::path& dir) {
  auto address = socket_address(dir);
  if (!address) return std::unexpected(address.error());
  UniqueFd fd(socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!fd) return fail("cannot open a socket", {}, errno);
  unlinkat(address->dir.get(), "sandbox.sock", 0);  // of a sandbox that is gone
  auto* name = reinterpret_cast<sockaddr*>(&address->name);
  if (bind(fd.get(), name, sizeof address->name) < 0 || listen(fd.get(), 16) < 0)
    return fail("cannot listen on the sandbox's socket", dir, errno);
  return fd;
}

std::vector<std::string> command_line(const SandboxOptions& options) {
  std::vector<std::string> words = {"podsd-sandbox"};
  if (!options.hostname.empty()) words.insert(words.end(), {"--hostname", options.hostname});
  if (options.host_network) words.emplace_back("--host-network");
  if (options.first_id != 0)
    words.insert(words.end(), {"--user-ids", std::to_string(options.first_id), options.user_file});
  // podsd-runtime stands beside it and is safe from what it starts when its mount cannot be written.
  auto programs = std::filesystem::path(options.program).parent_path();
  if (!programs.empty()) words.insert(words.end(), {"--read-only", programs.string()});
  for (const auto& t : options.tmpfs) words.insert(words.end(), {"--tmpfs", t.target, t.options});
  return words;
}

// A copy above the numbers that the child is about to fill.
Result<UniqueFd> raised(int fd) {
  UniqueFd copy(fcntl(fd, F_DUPFD_CLOEXEC, first_free_fd));
  if (!copy) return fail("cannot duplicate a file descriptor", {}, errno);
  return copy;
}

struct Inherited {
  UniqueFd null, err, listen, gate;
};

Result<Inherited> prepare(const UniqueFd& listen, const UniqueFd& gate, int stderr_fd) {
  UniqueFd null(open("/dev/null", O_RDWR | O_CLOEXEC));
  if (!null) return fail("cannot open", "/dev/null", errno);
  int sources[] = {null.get(), stderr_fd >= 0 ? stderr_fd : null.get(), listen.get(), gate.get()};
  UniqueFd copies[4];
  for (int i = 0; i < 4; ++i) {
    auto copy = raised(sources[i]);
    if (!copy) return std::unexpected(copy.error());
    copies[i] = std::move(*copy);
  }
  return Inherited{std::move(copies[0]), std::move(copies[1]), std::move(copies[2]), std::move(copies[3])};
}

// In the child of vfork: shares the agent's memory, so it writes to nothing of it but `error`.
[[noreturn]] void become(const Inherited& fds, const char* program, char* const* argv, volatile int& error) {
  for (int signal = 1; signal < NSIG; ++signal) {
    struct sigaction initial = {};
    initial.sa_handler = SIG_DFL;
    sigaction(signal, &initial, nullptr);
  }
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  setsid();
  char* const no_environment[] = {nullptr};
  bool placed = dup2(fds.null.get(), 0) == 0 && dup2(fds.err.get(), 1) == 1 && dup2(fds.err.get(), 2) == 2 &&
                dup2(fds.listen.get(), listen_fd) == listen_fd && dup2(fds.gate.get(), gate_fd) == gate_fd &&
                close_range(first_free_fd, ~0U, 0) == 0;
  if (placed) execve(program, argv, no_environment);
  error = errno;
  _exit(127);
}

// Gives the pid. Signals stay blocked meanwhile: a handler must not run in the child on the agent's memory.
Result<int> launch(const Inherited& fds, const std::string& program, std::vector<std::string>& words) {
  std::vector<char*> argv;
  for (auto& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  sigset_t all, before;
  sigfillset(&all);
  sigprocmask(SIG_SETMASK, &all, &before);
  volatile int error = 0;
  pid_t pid = vfork();
  if (pid == 0) become(fds, program.c_str(), argv.data(), error);
  int fork_error = errno;
  sigprocmask(SIG_SETMASK, &before, nullptr);
  if (pid < 0) return fail("cannot fork", program, fork_error);
  if (error == 0) return pid;
  waitpid(pid, nullptr, 0);
  return fail("cannot execute", program, error);
}

}  // namespace

Result<Started> start_sandbox(const SandboxOptions& options) {
  auto listen = listen_in(options.dir);
  if (!listen) return std::unexpected(listen.error());
  int gate[2];
  if (pipe2(gate, O_CLOEXEC) < 0) return fail("cannot make a gate", {}, errno);
  UniqueFd gate_read(gate[0]), gate_write(gate[1]);
  auto fds = prepare(*listen, gate_read, options.stderr_fd);
  if (!fds) return std::unexpected(fds.error());
  auto words = command_line(options);
  auto pid = launch(*fds, options.program, words);
  if (!pid) return std::unexpected(pid.error());
  UniqueFd pidfd(static_cast<int>(syscall(SYS_pidfd_open, *pid, 0)));
  // The gate closes on the way out, which ends the process.
  if (!pidfd) return fail("cannot open a pidfd", options.program, errno);
  return Started{std::move(pidfd), *pid, std::move(gate_write)};
}

Result<void> open_gate(const UniqueFd& gate) {
  ssize_t n;
  do n = write(gate.get(), "1", 1);
  while (n < 0 && errno == EINTR);
  if (n != 1 && errno != EPIPE) return fail("cannot open the gate", {}, errno);
  return {};
}

}  // namespace podsd::sandbox
