// SPDX-License-Identifier: Apache-2.0
// The half of Sandbox that reaches into its containers: other processes in them, sessions at them.
#include <fcntl.h>
#include <sys/syscall.h>

#include <cerrno>
#include <cstdlib>

#include "agent/engine/console_socket.hpp"
#include "agent/engine/exec_process.hpp"
#include "agent/engine/runtime_log.hpp"
#include "agent/engine/sandbox.hpp"
#include "agent/os/files.hpp"
#include "agent/sandbox/protocol.hpp"

namespace podsd::engine {
namespace {

constexpr std::size_t max_config_bytes = 16U << 20;

Result<nlohmann::ordered_json> read_config(const std::filesystem::path& bundle,
                                           const std::string& container) {
  const auto text = os::read_file(bundle / "config.json", max_config_bytes);
  if (!text) return std::unexpected(text.error());
  auto config = nlohmann::ordered_json::parse(*text, nullptr, false);
  if (!config.is_object() || !config.contains("process") || !config["process"].contains("user"))
    return fail("the container's configuration cannot be read", container);
  return config;
}

Result<void> write_process(const std::filesystem::path& bundle, const std::filesystem::path& files,
                           const ExecSpec& spec) {
  const auto config = read_config(bundle, spec.container);
  if (!config) return std::unexpected(config.error());
  const auto terminal = spec.console_fd ? std::optional(TerminalSize{spec.rows, spec.columns}) : std::nullopt;
  const auto process = exec_process((*config)["process"], spec.command, terminal);
  return os::replace_file(files / "process.json",
                          process.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
}

/// The files of one exec, in a folder that an earlier agent may have left.
Result<void> prepare(const std::filesystem::path& bundle, const std::filesystem::path& files,
                     const ExecSpec& spec) {
  if (auto gone = os::remove_tree(files); !gone) return gone;
  if (auto made = os::make_dirs(files, 0700); !made) return made;
  if (auto written = write_process(bundle, files, spec); !written) return written;
  // The runtime sends the terminal right to the caller, who still has his own descriptor of the socket.
  return spec.console_fd ? listen_for_terminal(files, spec.console_fd) : Result<void>();
}

}  // namespace

std::string Sandbox::scope_of(const std::string& container) const {
  for (const auto& [pid, live] : live_)
    if (live.container.name == container) return live.container.scope;
  return "";
}

Result<ContainerRoot> Sandbox::open_root(const std::string& container) const {
  for (const auto& [pid, live] : live_) {
    if (live.container.name != container) continue;
    const auto config = read_config(folders_.bundle(container), container);
    if (!config) return std::unexpected(config.error());
    ContainerRoot root;
    const nlohmann::ordered_json& user = (*config)["process"]["user"];
    root.uid = user.value("uid", 0U);
    root.gid = user.value("gid", 0U);
    const std::string process = "/proc/" + std::to_string(live.container.pid);
    root.fd.reset(::open((process + "/root").c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    root.users.reset(::open((process + "/ns/user").c_str(), O_RDONLY | O_CLOEXEC));
    // As long as its pidfd reaches it, its number is not another's.
    if (!root.fd || !root.users || ::syscall(SYS_pidfd_send_signal, live.pidfd.get(), 0, nullptr, 0) != 0)
      return fail("the container does not run", container);
    return root;
  }
  return fail("the container does not run", container);
}

void Sandbox::attach_session(AttachSpec spec, const AttachDone& done) {
  for (const auto& [pid, live] : live_) {
    if (live.container.name != spec.container || !alive()) continue;
    sandbox::SessionRequest request{pid,
                                    spec.input,
                                    std::move(spec.in_fd),
                                    std::move(spec.out_fd),
                                    std::move(spec.err_fd),
                                    std::move(spec.control_fd)};
    return client_->attach(std::move(request), [done](const Result<std::uint32_t>& flags) {
      if (!flags) return done(std::unexpected(flags.error()));
      done(AttachedStreams{(*flags & sandbox::attached_output) != 0, (*flags & sandbox::hold_stdin) != 0,
                           (*flags & sandbox::hold_terminal) != 0});
    });
  }
  done(fail("the container does not run", spec.container));
}

void Sandbox::exec(ExecSpec asked, ExecDone done) {
  const auto spec = std::make_shared<ExecSpec>(std::move(asked));
  if (!alive() || scope_of(spec->container).empty())
    return done(fail("the container does not run", spec->container));
  const auto bundle = folders_.bundle(spec->container);
  const auto files = bundle / ("exec." + std::to_string(++execs_));
  if (auto ready = prepare(bundle, files, *spec); !ready) return done(std::unexpected(ready.error()));
  sandbox::SpawnRequest request;
  auto runtime = runtime_command(spec->container, files / "log");
  if (!runtime) return done(std::unexpected(runtime.error()));
  request.argv = std::move(*runtime);
  request.argv.insert(request.argv.end(),
                      {"exec", "--detach", "--pid-file", files / "pid", "--process", files / "process.json"});
  if (spec->console_fd) request.argv.insert(request.argv.end(), {"--console-socket", files / "console"});
  request.argv.push_back(spec->container);
  request.env = {"PATH=/usr/sbin:/usr/bin:/sbin:/bin"};
  request.stdin_fd = std::move(spec->stdin_fd);
  request.stdout_fd = std::move(spec->stdout_fd);
  request.stderr_fd = std::move(spec->stderr_fd);
  client_->spawn(std::move(request),
                 [self = shared_from_this(), spec, files, done](Result<sandbox::Started> started) {
                   if (!started) return done(std::unexpected(started.error()));
                   self->await_child(started->pid, [self, spec, files, done](int status) {
                     self->exec_started(files, spec, status, done);
                   });
                   // podsd's own runtime makes the process right in the container's scope; another one, which
                   // is told to
                   // leave cgroups alone, leaves it in its own.
                   const auto scope = self->scope_of(spec->container);
                   if (!self->spec_.runtime.empty())
                     if (auto moved = move_to_cgroup(started->pid, self->scope_cgroup(scope)); !moved)
                       return done(std::unexpected(moved.error()));
                   if (auto opened = sandbox::open_gate(started->gate); !opened)
                     done(std::unexpected(opened.error()));
                 });
}

void Sandbox::exec_started(const std::filesystem::path& files, const std::shared_ptr<ExecSpec>& spec,
                           int runtime_status, const ExecDone& done) {
  const auto text = os::read_file(files / "pid", 16);
  const std::string error = runtime_error(files / "log", runtime_status);
  static_cast<void>(os::remove_tree(files));
  if (runtime_status != 0 || !text) return done(fail(error));
  const int pid = std::atoi(text->c_str());
  client_->watch(pid, std::move(spec->status_fd),
                 [weak = weak_from_this(), pid, done](Result<UniqueFd> pidfd) {
                   // It may have been told before it was watched.
                   if (const auto self = weak.lock()) self->unclaimed_.erase(pid);
                   done(std::move(pidfd));
                 });
}

}  // namespace podsd::engine
