// SPDX-License-Identifier: Apache-2.0
#include "agent/engine/start.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <syslog.h>

#include <boost/asio/post.hpp>

#include <cerrno>
#include <csignal>
#include <cstdlib>

#include "agent/engine/cgroup.hpp"
#include "agent/engine/console_socket.hpp"
#include "agent/engine/host_devices.hpp"
#include "agent/engine/oci_config.hpp"
#include "agent/engine/pod_users.hpp"
#include "agent/engine/runtime_log.hpp"
#include "agent/engine/seccomp.hpp"
#include "agent/image/merged.hpp"
#include "agent/journal.hpp"
#include "agent/os/files.hpp"
#include "policies/isolation.hpp"

namespace podsd::engine {
namespace {

/// A runtime that takes longer than this to start a process will not do it any more.
constexpr auto runtime_deadline = std::chrono::seconds(60);

}  // namespace

void Start::begin() {
  using enum StartFailure::Stage;
  if (!find_images()) return;
  // Until the sandbox is stopped: a restart of the container takes the hold over.
  if (auto held = sandbox_->context().images.hold(images_, spec_.scope.name); !held)
    return fail_with(bad_image, held.error());
  if (auto known = sandbox_->runtime_command(spec_.name, ""); !known)
    return fail_with(StartFailure::Stage::config, known.error());
  if (auto allowed = check_user(); !allowed) return fail_with(StartFailure::Stage::config, allowed.error());
  if (auto there = resolve_sub_paths(); !there) return fail_with(StartFailure::Stage::config, there.error());
  auto request = write_bundle();
  if (!request) return fail_with(create, request.error());
  spawn(std::move(*request));
}

bool Start::take_over(const ContainerSpec& spec, const Started& done) {
  if (over_ || !(spec == spec_)) return false;
  done_ = done;
  if (in_scope_) open_gate();
  return true;
}

void Start::abandon(std::function<void()> done) {
  end();
  if (!scoping_) return done();
  abandoned_ = std::move(done);
}

/// Closes the gate: a process that still waits behind it exits without having done anything.
void Start::end() {
  over_ = true;
  process_.gate.reset();
}

/// Ends the start where the store lacks one.
bool Start::find_images() {
  std::vector<std::string> names{spec_.image};
  for (const Mount& mount : spec_.mounts)
    if (mount.kind == Mount::Kind::image) names.push_back(mount.source);
  for (const std::string& name : names) {
    auto found = sandbox_->context().images.find(name);
    if (!found) fail_with(StartFailure::Stage::bad_image, found.error());
    if (found && !*found)
      fail_with(StartFailure::Stage::image,
                {"image is not present: import it with `podsctl image import`", name, 0, nullptr}, name);
    if (!found || !*found) return false;
    images_.push_back(std::move(**found));
  }
  return true;
}

/// Links in the image lead about in the image; the bind mount would follow them on the host.
Result<void> Start::resolve_sub_paths() {
  std::size_t image = 0;
  mounts_ = spec_.mounts;
  for (Mount& mount : mounts_) {
    if (mount.kind != Mount::Kind::image) continue;
    ++image;
    if (mount.sub_path.empty()) continue;
    const auto layers = image::open_layers(images_[image].layers);
    if (!layers) return std::unexpected(layers.error());
    auto path = image::resolve_merged(*layers, mount.sub_path);
    if (!path) return fail("cannot use the subPath of image \"" + mount.source + "\"", {}, path.error());
    mount.sub_path = std::move(*path);
  }
  return {};
}

Result<void> Start::mount_images(sandbox::SpawnRequest& request) const {
  std::size_t image = 0;
  for (std::size_t i = 0; i < spec_.mounts.size(); ++i) {
    if (spec_.mounts[i].kind != Mount::Kind::image) continue;
    auto overlay = sandbox_->folders().image_overlay(images_[++image], spec_, i);
    if (!overlay) return std::unexpected(overlay.error());
    request.images.push_back(std::move(*overlay));
  }
  return {};
}

Result<sandbox::SpawnRequest> Start::write_bundle() {
  const image::Image& image = images_.front();
  const Folders& folders = sandbox_->folders();
  if (auto made = folders.prepare_container(spec_.name, spec_.attempt, sandbox_->spec().first_id); !made)
    return std::unexpected(made.error());
  if (auto written = write_config(); !written) return std::unexpected(written.error());
  auto overlay = folders.overlay_options(image, spec_.name, spec_.attempt);
  if (!overlay) return std::unexpected(overlay.error());
  auto out = journal::open_stream(spec_.name, spec_.scope.name, LOG_INFO);
  if (!out) return std::unexpected(out.error());
  auto err = journal::open_stream(spec_.name, spec_.scope.name, LOG_ERR);
  if (!err) return std::unexpected(err.error());

  const std::string bundle = folders.bundle(spec_.name);
  sandbox::SpawnRequest request;
  request.rootfs = bundle + "/rootfs";
  request.overlay_options = std::move(*overlay);
  if (auto mounted = mount_images(request); !mounted) return std::unexpected(mounted.error());
  if (auto command = put_command(request, bundle); !command) return std::unexpected(command.error());
  request.env = {"PATH=/usr/sbin:/usr/bin:/sbin:/bin"};
  request.stdin_fd = UniqueFd(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  request.stdout_fd = std::move(*out);
  request.stderr_fd = std::move(*err);
  if (auto held = hold_streams(request, image.opens_outputs); !held) return std::unexpected(held.error());
  return request;
}

Result<void> Start::put_command(sandbox::SpawnRequest& request, const std::string& bundle) const {
  auto runtime = sandbox_->runtime_command(spec_.name, bundle + "/log");
  if (!runtime) return std::unexpected(runtime.error());
  request.argv = std::move(*runtime);
  request.argv.insert(request.argv.end(),
                      {"run", "--detach", "--bundle", bundle, "--pid-file", bundle + "/pid"});
  if (spec_.tty) request.argv.insert(request.argv.end(), {"--console-socket", bundle + "/console"});
  if (sandbox_->spec().runtime.empty()) {
    request.early_argv = request.argv;
    request.early_argv.insert(request.early_argv.end(), {"--gate", "3", spec_.name});
  }
  request.argv.push_back(spec_.name);
  return {};
}

/// A standard input or a terminal outlives this agent: the sandbox holds it. So it does with pipes for a
/// program that opens its output by name, which a socket does not allow.
Result<void> Start::hold_streams(sandbox::SpawnRequest& request, bool opens_outputs) {
  held_ = spec_.stdin || spec_.tty || opens_outputs;
  if (!held_) return {};
  request.held = sandbox::HeldStreams{spec_.name, spec_.stdin, spec_.stdin_once, spec_.tty,
                                      sandbox_->spec().first_id + user_.uid};
  if (!spec_.tty) return {};
  request.stdin_fd.reset(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!request.stdin_fd) return fail("cannot open a socket", {}, errno);
  return listen_for_terminal(sandbox_->folders().bundle(spec_.name), request.stdin_fd);
}

/// runAsNonRoot is judged by the number that really runs, whatever name stands for it.
Result<void> Start::check_user() {
  const image::Image& image = images_.front();
  auto user =
      image::resolve_user(image, image.config.user, spec_.security.run_as_user, spec_.security.run_as_group);
  if (!user) return std::unexpected(user.error());
  if (spec_.security.run_as_non_root && user->uid == 0)
    return fail("container has runAsNonRoot and would run as root", spec_.name);
  user_ = std::move(*user);
  if (sandbox_->spec().first_id != 0)
    if (auto within = check_within_pod(user_); !within) return within;
  return {};
}

Result<void> Start::write_config() {
  auto binds = sandbox_->folders().binds(spec_.name, mounts_);
  if (!binds) return std::unexpected(binds.error());
  auto seccomp = container_seccomp(spec_.security, policies::container_capabilities(spec_.security),
                                   sandbox_->context().paths.state / "seccomp");
  if (!seccomp) return std::unexpected(seccomp.error());
  if (!seccomp->is_null()) sandbox_->context().filters.prepare(*seccomp);
  const auto config =
      oci_config({spec_, images_.front().config, user_, sandbox_->spec().hostname, std::move(*binds),
                  std::move(*seccomp), spec_.security.privileged ? host_devices() : std::vector<HostDevice>(),
                  sandbox_->spec().first_id, sandbox_->folders().user_namespace(), cgroups_path()});
  if (!config) return std::unexpected(config.error());
  return os::replace_file(sandbox_->folders().bundle(spec_.name) / "config.json",
                          config->dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
}

/// Where other runtimes would make a cgroup, they find the one that systemd made.
std::string Start::cgroups_path() const {
  const SandboxSpec& pod = sandbox_->spec();
  return pod.runtime.empty() ? "" : cgroup_path(slice_cgroup(pod.id)) + "/" + spec_.scope.name;
}

void Start::spawn(sandbox::SpawnRequest request) {
  if (!sandbox_->alive())
    return fail_with(StartFailure::Stage::create, {"the sandbox is gone", sandbox_->spec().id, 0, nullptr});
  sandbox_->client().spawn(std::move(request), [self = shared_from_this()](Result<sandbox::Started> started) {
    if (!started) return self->fail_with(StartFailure::Stage::create, started.error());
    if (self->over_) return;
    self->process_ = std::move(*started);
    self->sandbox_->await_child(self->process_.pid, [self](int status) { self->runtime_ended(status); });
    self->start_scope(false);
  });
}

void Start::start_scope(bool again) {
  std::vector<units::Property> properties = spec_.scope.properties;
  properties.push_back({"PIDs", std::vector<std::uint32_t>{static_cast<std::uint32_t>(process_.pid)}});
  scoping_ = true;
  sandbox_->context().systemd.start_transient(
      spec_.scope.name, std::move(properties),
      [self = shared_from_this(), again](const Result<std::vector<std::string>>& r) {
        self->scoping_ = false;
        if (const auto abandoned = std::exchange(self->abandoned_, nullptr)) return abandoned();
        if (!r && r.error().code == EEXIST && !again)
          // The scope of the attempt before: its processes are dead, but PID 1 has not heard of it yet.
          return self->sandbox_->context().systemd.stop_unit(self->spec_.scope.name,
                                                             [self](const Result<void>&) {
                                                               if (!self->over_) self->start_scope(true);
                                                             });
        if (!r) return self->fail_with(StartFailure::Stage::create, r.error());
        warn_dropped(self->spec_.scope.name, *r);
        self->in_scope_ = true;
        if (self->done_) self->open_gate();
      });
}

void Start::open_gate() {
  // PID 1 can declare a live scope dead ("cgroup is empty" race): only the kernel's word counts.
  if (!in_unit(process_.pid, spec_.scope.name))
    return fail_with(StartFailure::Stage::create,
                     {"the runtime is not in its scope", spec_.scope.name, 0, nullptr});
  if (auto opened = sandbox::open_gate(process_.gate); !opened)
    return fail_with(StartFailure::Stage::create, opened.error());
  deadline_.expires_after(runtime_deadline);
  deadline_.async_wait([weak = weak_from_this()](boost::system::error_code error) {
    if (const auto self = weak.lock(); self && !error)
      self->sandbox_->context().systemd.kill_unit(self->spec_.scope.name, SIGKILL, [](Result<void>) {});
  });
}

void Start::runtime_ended(int wait_status) {
  deadline_.cancel();
  const auto text = os::read_file(sandbox_->folders().bundle(spec_.name) / "pid", 16);
  const bool ran = wait_status == 0 && text;
  if (held_) sandbox_->client().claim(spec_.name, ran && done_ ? std::atoi(text->c_str()) : 0);
  if (!done_) {
    over_ = true;
    return;
  }
  if (!ran)
    return fail_with(
        StartFailure::Stage::run,
        {runtime_error(sandbox_->folders().bundle(spec_.name) / "log", wait_status), "", 0, nullptr});
  const int pid = std::atoi(text->c_str());
  const Started done = std::exchange(done_, nullptr);
  // Adopted first: whoever hears of the start may want it stopped at once.
  sandbox_->adopt({spec_.name, spec_.attempt, pid, spec_.scope.name}, true);
  done(ContainerInfo{pid, images_.front().digest});
}

void Start::fail_with(StartFailure::Stage stage, Error error, std::string image) {
  end();
  const Started done = std::exchange(done_, nullptr);
  if (!done) return;
  boost::asio::post(sandbox_->context().io,
                    [done, failure = StartFailure{stage, std::move(error), std::move(image)}] {
                      done(std::unexpected(failure));
                    });
}

}  // namespace podsd::engine
