// SPDX-License-Identifier: Apache-2.0
#include "agent/image/confined.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <exception>

#include "agent/image/confinement.hpp"
#include "agent/image/files.hpp"
#include "agent/one_line.hpp"
#include "agent/os/unique_fd.hpp"

namespace podsd::image {
namespace {

using Clock = std::chrono::steady_clock;

/// Before the text of an answer: whether it is the work's result or its error.
constexpr char good = '+', bad = '-';
/// Two documents, and what is read of them.
constexpr std::size_t max_answer = 32U << 20;
/// It names entries of archives, which may hold anything, and is shown on terminals.
constexpr std::size_t longest_error = 1000;

constexpr std::uint64_t most_memory = 4ULL << 30;
constexpr int not_run = 127;  ///< as the shell's exit status

/// What becomes of a child process: never comes back.
using Child = std::function<void(int pipe)>;

/// A parent that has died before the call is seen as another one.
Result<UniqueFd> confine_child(pid_t parent, int folder, const Filter& filter, Confined what) {
  if (::prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || ::getppid() != parent)
    return fail("the process that asked is gone");
  return confine(folder, filter, what);
}

[[noreturn]] void end_with(int pipe, const Result<std::string>& result) {
  const std::string answer = result ? good + *result : bad + result.error().message();
  ::_exit(write_all(pipe, answer) ? 0 : 1);
}

[[noreturn]] void work_in(const Result<UniqueFd>& own, int pipe, const ConfinedWork& work) {
  try {
    end_with(pipe, own ? work(own->get()) : Result<std::string>(std::unexpected(own.error())));
  } catch (const std::exception& error) {
    end_with(pipe, fail(error.what()));
  }
}

void limit(int resource, std::uint64_t value) {
  const rlimit both{value, value};
  // Lower than what is allowed already: that binds as well.
  static_cast<void>(::setrlimit(static_cast<__rlimit_resource_t>(resource), &both));
}

std::vector<char*> pointers(const std::vector<std::string>& texts) {
  std::vector<char*> list;
  for (const std::string& text : texts) list.push_back(const_cast<char*>(text.c_str()));
  list.push_back(nullptr);
  return list;
}

[[noreturn]] void complain(int pipe, const Error& error) {
  static_cast<void>(write_all(pipe, error.message()));
  ::_exit(not_run);
}

[[noreturn]] void run_in(const Result<UniqueFd>& own, int pipe, const ConfinedProgram& program) {
  if (!own) complain(pipe, own.error());
  const UniqueFd nothing(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  ::umask(077);
  limit(RLIMIT_FSIZE, program.largest_file);
  limit(RLIMIT_AS, most_memory);
  limit(RLIMIT_CORE, 0);
  if (::fchdir(own->get()) != 0 || ::dup2(nothing.get(), 0) < 0 || ::dup2(pipe, 1) < 0 || ::dup2(pipe, 2) < 0)
    complain(pipe, Error{"cannot prepare", {}, errno, nullptr});
  for (const char* folder : {"/usr/bin/", "/usr/sbin/", "/bin/", "/sbin/"})
    ::execve((folder + program.argv.front()).c_str(), pointers(program.argv).data(),
             pointers(program.environment).data());
  complain(pipe,
           Error{errno == ENOENT ? "not installed" : "cannot run", {}, errno == ENOENT ? 0 : errno, nullptr});
}

/// All that the child says. Errors: ETIME.
Result<std::string> read_answer(int pipe, Clock::time_point end) {
  std::string answer;
  std::array<char, 65536> buffer{};
  while (true) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - Clock::now()).count();
    pollfd wait{pipe, POLLIN, 0};
    const int ready = left > 0 ? ::poll(&wait, 1, static_cast<int>(left)) : 0;
    if (ready == 0) return fail("unpacking took longer than allowed", {}, ETIME);
    const ssize_t n = ready > 0 ? ::read(pipe, buffer.data(), buffer.size()) : -1;
    if (n < 0 && errno != EINTR) return fail("cannot hear of the unpacking", {}, errno);
    if (n == 0) return answer;
    if (n > 0 && answer.size() > max_answer) return fail("the process that unpacks says too much");
    if (n > 0) answer.append(buffer.data(), static_cast<std::size_t>(n));
  }
}

struct Ended {
  std::string said;
  int status = 0;  ///< as waitpid(2) has it
};

/// Until the child has closed its pipe and ended, or is killed for its time.
Result<Ended> run_child(std::chrono::seconds time, const Child& child) {
  int fds[2];
  if (::pipe2(fds, O_CLOEXEC) != 0) return fail("cannot make a pipe", {}, errno);
  UniqueFd reading(fds[0]), writing(fds[1]);
  const pid_t pid = ::fork();
  if (pid < 0) return fail("cannot make a process", {}, errno);
  if (pid == 0) child(writing.get());
  writing.reset();
  auto answer = read_answer(reading.get(), Clock::now() + time);
  if (!answer) ::kill(pid, SIGKILL);
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) continue;
  if (!answer) return std::unexpected(answer.error());
  return Ended{std::move(*answer), status};
}

/// Of what a program says the last line says why.
std::string last_line(std::string_view text) {
  while (text.ends_with('\n')) text.remove_suffix(1);
  return one_line(text.substr(text.rfind('\n') + 1), longest_error);
}

}  // namespace

Result<std::string> confined(int folder, std::chrono::seconds time, const ConfinedWork& work) {
  auto filter = make_filter(Confined::work);
  if (!filter) return std::unexpected(filter.error());
  const pid_t parent = ::getpid();
  auto ended = run_child(
      time, [&](int pipe) { work_in(confine_child(parent, folder, *filter, Confined::work), pipe, work); });
  if (!ended) return std::unexpected(ended.error());
  if (WIFSIGNALED(ended->status))
    return fail("the process that unpacks was ended by signal " + std::to_string(WTERMSIG(ended->status)));
  std::string answer = std::move(ended->said);
  if (ended->status != 0 || answer.empty()) return fail("the process that unpacks failed");
  const bool done = answer.front() == good;
  answer.erase(0, 1);
  if (!done) return fail(one_line(answer, longest_error));
  return answer;
}

Result<void> confined_program(int folder, std::chrono::seconds time, const ConfinedProgram& program) {
  auto filter = make_filter(Confined::program);
  if (!filter) return std::unexpected(filter.error());
  const pid_t parent = ::getpid();
  const auto ended = run_child(time, [&](int pipe) {
    run_in(confine_child(parent, folder, *filter, Confined::program), pipe, program);
  });
  if (!ended) return std::unexpected(ended.error());
  const std::string& name = program.argv.front();
  if (WIFSIGNALED(ended->status) && WTERMSIG(ended->status) == SIGXFSZ)
    return fail(name + " would write more than is allowed", {}, EFBIG);
  if (WIFSIGNALED(ended->status))
    return fail(name + " was ended by signal " + std::to_string(WTERMSIG(ended->status)));
  if (ended->status != 0) return fail(name + ": " + last_line(ended->said));
  return {};
}

}  // namespace podsd::image
