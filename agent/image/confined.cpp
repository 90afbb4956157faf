// SPDX-License-Identifier: Apache-2.0
#include "agent/image/confined.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
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

[[noreturn]] void child(int pipe, pid_t parent, int folder, const Filter& filter, const ConfinedWork& work) {
  std::string answer;
  try {
    // A parent that has died before the call is seen as another one.
    Result<std::string> result = fail("the process that asked is gone");
    if (::prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 && ::getppid() == parent) {
      auto own = confine(folder, filter);
      result = own ? work(own->get()) : Result<std::string>(std::unexpected(own.error()));
    }
    answer = result ? good + *result : bad + result.error().message();
  } catch (const std::exception& error) {
    answer = bad + std::string(error.what());
  }
  ::_exit(write_all(pipe, answer) ? 0 : 1);
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

}  // namespace

Result<std::string> confined(int folder, std::chrono::seconds time, const ConfinedWork& work) {
  auto filter = make_filter();
  if (!filter) return std::unexpected(filter.error());
  int fds[2];
  if (::pipe2(fds, O_CLOEXEC) != 0) return fail("cannot make a pipe", {}, errno);
  UniqueFd reading(fds[0]), writing(fds[1]);
  const pid_t parent = ::getpid();
  const pid_t pid = ::fork();
  if (pid < 0) return fail("cannot make a process", {}, errno);
  if (pid == 0) child(writing.get(), parent, folder, *filter, work);
  writing.reset();
  auto answer = read_answer(reading.get(), Clock::now() + time);
  if (!answer) ::kill(pid, SIGKILL);
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) continue;
  if (!answer) return answer;
  if (WIFSIGNALED(status))
    return fail("the process that unpacks was ended by signal " + std::to_string(WTERMSIG(status)));
  if (status != 0 || answer->empty()) return fail("the process that unpacks failed");
  const bool done = answer->front() == good;
  answer->erase(0, 1);
  if (!done) return fail(one_line(*answer, longest_error));
  return answer;
}

}  // namespace podsd::image
