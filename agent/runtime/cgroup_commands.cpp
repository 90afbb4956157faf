// SPDX-License-Identifier: Apache-2.0
// pause, resume and ps.
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <nlohmann/json.hpp>

#include "agent/runtime/commands.hpp"
#include "agent/runtime/own_cgroup.hpp"
#include "agent/runtime/processes.hpp"
#include "agent/runtime/state.hpp"

namespace podsd::runtime {
namespace {

constexpr std::size_t max_ps_bytes = 64U << 20;

void print(const std::string& text) {
  ssize_t ignored = write(STDOUT_FILENO, text.data(), text.size());
  static_cast<void>(ignored);
}

Result<int> set_frozen(const Options& options, bool frozen) {
  Folder folder(options.root, options.id);
  auto state = folder.load();
  if (!state) return std::unexpected(state.error());
  Status status = folder.status(*state);
  bool fits = frozen ? status == Status::running || status == Status::created : status == Status::paused;
  if (!fits)
    return fail(std::string(frozen ? "cannot pause" : "cannot resume") + " a container that is " +
                text(status));
  auto cgroup = own_cgroup(*state);
  if (!cgroup) return std::unexpected(cgroup.error());
  if (auto done = cgroup->freeze(frozen); !done) return std::unexpected(done.error());
  return 0;
}

Result<std::string> output_of_ps(std::vector<std::string> words) {
  words.insert(words.begin(), "ps");
  if (words.size() == 1) words.emplace_back("-ef");
  std::vector<char*> argv;
  for (auto& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) < 0) return fail("cannot make a pipe", {}, errno);
  UniqueFd from(ends[0]), into(ends[1]);
  pid_t pid = fork();
  if (pid < 0) return fail("cannot make a process", {}, errno);
  if (pid == 0) {
    dup2(into.get(), STDOUT_FILENO);
    execvp("ps", argv.data());
    _exit(127);
  }
  into.reset();
  std::string text;
  char buffer[4096];
  for (ssize_t n; (n = read(from.get(), buffer, sizeof buffer)) > 0 && text.size() < max_ps_bytes;)
    text.append(buffer, static_cast<std::size_t>(n));
  int status = 0;
  while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  if (status != 0) return fail("ps failed", text);
  return text;
}

std::string column(std::string_view line, std::size_t index) {
  for (;; --index) {
    line.remove_prefix(std::min(line.find_first_not_of(' '), line.size()));
    auto end = std::min(line.find(' '), line.size());
    if (index == 0 || line.empty()) return std::string(line.substr(0, end));
    line.remove_prefix(end);
  }
}

// The heading, and the lines of those processes.
Result<std::string> only(const std::string& table, const std::vector<int>& processes) {
  std::string out;
  std::size_t pid_column = 0;
  for (std::string_view rest = table; !rest.empty();) {
    std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(line.size() + 1, rest.size()));
    bool heading = out.empty();
    for (; heading && column(line, pid_column) != "PID"; ++pid_column)
      if (column(line, pid_column).empty()) return fail("ps prints no column PID");
    if (heading || std::ranges::count(processes, std::atoi(column(line, pid_column).c_str())) != 0)
      out += std::string(line) + "\n";
  }
  return out;
}

}  // namespace

Result<int> pause(const Options& options) {
  return set_frozen(options, true);
}

Result<int> resume(const Options& options) {
  return set_frozen(options, false);
}

Result<int> ps(const Options& options) {
  Folder folder(options.root, options.id);
  auto state = folder.load();
  if (!state) return std::unexpected(state.error());
  auto processes = processes_of(*state);
  if (!processes) return std::unexpected(processes.error());
  if (options.json) return print(nlohmann::json(*processes).dump() + "\n"), 0;
  auto table = output_of_ps(options.words);
  if (table) table = only(*table, *processes);
  if (!table) return std::unexpected(table.error());
  print(*table);
  return 0;
}

}  // namespace podsd::runtime
