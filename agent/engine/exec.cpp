// SPDX-License-Identifier: Apache-2.0
// The half of Sandbox that runs other processes in its containers.
#include <sys/wait.h>

#include <algorithm>
#include <cstdlib>

#include "agent/engine/runtime_log.hpp"
#include "agent/engine/sandbox.hpp"
#include "agent/os/files.hpp"

namespace podsd::engine {

void Sandbox::exec(ExecSpec spec, ExecDone done) {
  const bool runs = std::ranges::any_of(
      live_, [&](const auto& one) { return one.second.container.name == spec.container; });
  if (!alive() || !runs) return done(fail("the container does not run", spec.container));
  const auto files = folders_.bundle(spec.container) / ("exec." + std::to_string(++execs_));
  if (auto gone = os::remove_tree(files); !gone)
    return done(std::unexpected(gone.error()));  // of an earlier agent
  if (auto made = os::make_dirs(files, 0700); !made) return done(std::unexpected(made.error()));
  sandbox::SpawnRequest request;
  request.argv = {context_.paths.libexec / "podsd-runtime",
                  "--root",
                  folders_.runtime_root(spec.container),
                  "--cache",
                  context_.paths.run / "filters",
                  "--log",
                  files / "log",
                  "--log-format",
                  "json",
                  "exec",
                  "--detach",
                  "--pid-file",
                  files / "pid",
                  spec.container,
                  "--"};
  request.argv.insert(request.argv.end(), spec.command.begin(), spec.command.end());
  request.env = {"PATH=/usr/sbin:/usr/bin:/sbin:/bin"};
  request.stdin_fd = std::move(spec.stdin_fd);
  request.stdout_fd = std::move(spec.stdout_fd);
  request.stderr_fd = std::move(spec.stderr_fd);
  client_->spawn(
      std::move(request), [self = shared_from_this(), files, done](Result<sandbox::Started> started) {
        if (!started) return done(std::unexpected(started.error()));
        self->await_child(started->pid,
                          [self, files, done](int status) { self->exec_started(files, status, done); });
        // Nothing to wait for: the runtime makes the process right in the container's scope.
        if (auto opened = sandbox::open_gate(started->gate); !opened) done(std::unexpected(opened.error()));
      });
}

void Sandbox::exec_started(const std::filesystem::path& files, int runtime_status, const ExecDone& done) {
  const auto pid = os::read_file(files / "pid", 16);
  const std::string error = runtime_error(files / "log", runtime_status);
  static_cast<void>(os::remove_tree(files));
  if (runtime_status != 0 || !pid) return done(fail(error));
  claim_child(std::atoi(pid->c_str()), [done](int status) {
    done(WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status));
  });
}

void Sandbox::claim_child(int pid, std::function<void(int wait_status)> ended) {
  const auto early = unclaimed_.find(pid);
  if (early == unclaimed_.end()) {
    awaited_[pid] = std::move(ended);
    return;
  }
  const sandbox::Exit exit = early->second;
  unclaimed_.erase(early);
  client_->acknowledge(exit.serial);
  ended(exit.wait_status);
}

}  // namespace podsd::engine
