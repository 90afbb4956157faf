// SPDX-License-Identifier: Apache-2.0
#include "agent/worker.hpp"

#include <syslog.h>

#include <algorithm>

#include "agent/journal.hpp"
#include "agent/node.hpp"
#include "agent/os/files.hpp"
#include "agent/pod_view.hpp"
#include "units/names.hpp"

namespace podsd::agent {

units::Instant now() {
  timespec time{};
  ::clock_gettime(CLOCK_REALTIME, &time);
  return time.tv_sec * 1'000'000LL + time.tv_nsec / 1000;
}

std::string Worker::key() const {
  return state().pod.ns + "/" + state().pod.name;
}

std::string Worker::scope_of(const std::string& container) const {
  return units::container_scope(state().pod.ns, state().pod.name, container);
}

std::vector<std::string> Worker::scopes() const {
  std::vector<std::string> scopes;
  for (const units::Container& c : state().containers) scopes.push_back(scope_of(c.name));
  return scopes;
}

bool Worker::owns(const std::string& scope) const {
  return scope == state().plan.sandbox.name || std::ranges::count(scopes(), scope) > 0;
}

units::PodStatus Worker::status() const {
  units::PodStatus status = units::status(state());
  status.host_ip = host_address();
  if (state().pod.host_network && state().stage == units::Stage::up) status.pod_ips = {status.host_ip};
  if (const auto* network = shell_.engine.network_of(sandbox_id(state().pod));
      network != nullptr && state().stage == units::Stage::up)
    for (const spec::IpPrefix& address : network->addresses)
      status.pod_ips.push_back(spec::to_string(address.address));
  if (!state().pod.host_users) status.first_id = shell_.engine.first_id(sandbox_id(state().pod));
  return status;
}

void Worker::resume() {
  const auto self = shared_from_this();
  const auto resumed = [self](const engine::KnownContainer& c, Result<engine::ContainerInfo> result) {
    if (result) return self->post(units::ContainerUp{c.name, c.attempt, result->pid, ""});
    self->post(units::ContainerFailed{units::ContainerFailed::Stage::create, c.name, c.attempt,
                                      result.error().message()});
  };
  for (const units::Action& action : units::resume(state())) perform(action);
  const engine::SandboxSpec spec = sandbox_spec(state(), false);
  if (state().stage == units::Stage::creating)
    return shell_.engine.stop_sandbox(spec, scopes(), [self](const Result<void>&) {
      self->post(units::SandboxFailed{"the agent was restarted while the sandbox was being made"});
    });
  if (state().stage != units::Stage::up) return;
  const auto attached = shell_.engine.attach_sandbox(spec, known_containers(state()), resumed);
  if (!attached) return post(units::SandboxLost{});
  // Nobody listened meanwhile: systemd may have reloaded, and podsd.yaml may say something else by now.
  post(units::SystemdReloaded{});
}

void Worker::post(units::Event event) {
  queue_.push_back(std::move(event));
  if (!draining_) drain();
}

void Worker::ask(units::Asked asked, Reply reply) {
  post(asked);
  waiting_.emplace_back(std::move(asked), std::move(reply));
  answer();
}

void Worker::drain() {
  const auto self = shared_from_this();
  draining_ = true;
  while (!queue_.empty() && !forgotten_) {
    const units::Event event = std::move(queue_.front());
    queue_.pop_front();
    std::vector<std::string> names;
    for (const units::Container& c : state().containers) names.push_back(c.name);
    units::Step step = units::step(std::move(kept_.state), event, now());
    kept_.state = std::move(step.next);
    // Kept before it is done: whatever is started is known to the agent that comes after a crash.
    save();
    for (const units::Action& action : step.todo) perform(action);
    clean_up(names);
  }
  draining_ = false;
  if (!forgotten_ && state().stage == units::Stage::up && !state().pod.host_network)
    shell_.engine.update_network(pod_request(state().pod));
  answer();
  shell_.changed(key());
}

/// Removes what is left of those containers that are not among the pod's any more.
void Worker::clean_up(const std::vector<std::string>& containers) {
  for (const std::string& name : containers)
    if (std::ranges::find(state().containers, name, &units::Container::name) == state().containers.end())
      shell_.engine.remove_container(sandbox_id(state().pod), name, scope_of(name));
}

void Worker::save() {
  std::string text = to_json(kept_);
  if (text == saved_) return;
  const std::filesystem::path dir = shell_.paths.run / "pods" / sandbox_id(state().pod);
  Result<void> written = os::make_dirs(dir, 0700);
  if (written) written = os::replace_file(dir / "state.json", text);
  if (!written)
    journal::write(LOG_ERR, "cannot keep the state of pod " + key() + ": " + written.error().message(), {});
  saved_ = std::move(text);
}

void Worker::answer() {
  std::vector<std::pair<units::Asked, Reply>> still;
  for (auto& [asked, reply] : std::exchange(waiting_, {})) {
    std::optional<std::string> outcome = units::outcome(state(), asked);
    if (forgotten_ && !outcome) outcome = asked.verb == units::Verb::stop ? "" : "the pod was removed";
    if (!outcome)
      still.emplace_back(std::move(asked), std::move(reply));
    else if (outcome->empty())
      reply(std::string());
    else
      reply(fail(*outcome, "Failed"));
  }
  waiting_.insert(waiting_.end(), std::make_move_iterator(still.begin()),
                  std::make_move_iterator(still.end()));
}

void Worker::perform(const units::Action& action) {
  std::visit([this](const auto& a) { perform_one(a); }, action);
}

void Worker::perform_one(const units::RunSandbox& a) {
  shell_.engine.run_sandbox(sandbox_spec(state(), a.fresh),
                            [self = shared_from_this()](const Result<void>& result) {
                              if (result)
                                self->post(units::SandboxUp{});
                              else
                                self->post(units::SandboxFailed{result.error().message()});
                            });
  // What will be asked for as soon as it is up.
  const units::Step next = units::step(state(), units::SandboxUp{}, now());
  for (const units::Action& action : next.todo)
    if (const auto* start = std::get_if<units::StartContainer>(&action))
      shell_.engine.prepare_container(sandbox_id(state().pod),
                                      container_spec(next.next, start->name, start->attempt));
}

void Worker::perform_one(const units::StopSandbox&) {
  shell_.engine.stop_sandbox(
      sandbox_spec(state(), false), scopes(), [self = shared_from_this()](const Result<void>& r) {
        if (!r) journal::write(LOG_WARNING, "pod " + self->key() + ": " + r.error().message(), {});
        self->post(units::SandboxDown{});
      });
}

void Worker::perform_one(const units::StartContainer& a) {
  const auto done = [self = shared_from_this(),
                     a](std::expected<engine::ContainerInfo, engine::StartFailure> result) {
    using From = engine::StartFailure::Stage;
    using To = units::ContainerFailed::Stage;
    if (result) return self->post(units::ContainerUp{a.name, a.attempt, result->pid, result->image_id});
    const From stage = result.error().stage;
    const To to = stage == From::image       ? To::image
                  : stage == From::bad_image ? To::bad_image
                  : stage == From::config    ? To::config
                  : stage == From::create    ? To::create
                                             : To::run;
    self->post(
        units::ContainerFailed{to, a.name, a.attempt, result.error().error.message(), result.error().image});
  };
  shell_.engine.start_container(sandbox_id(state().pod), container_spec(state(), a.name, a.attempt), done);
}

void Worker::perform_one(const units::PullImage& a) {
  const auto progress = [weak = weak_from_this(), a](const std::string& text) {
    if (const auto self = weak.lock()) self->post(units::ImagePullProgress{a.name, a.attempt, text});
  };
  const auto done = [weak = weak_from_this(), a](const Result<void>& result) {
    const auto self = weak.lock();
    if (!self) return;
    if (result) return self->post(units::ImagePulled{a.name, a.attempt});
    self->post(units::ImagePullFailed{a.name, a.attempt, result.error().message()});
  };
  shell_.engine.pull_image(a.image.empty() ? container_spec(state(), a.name, a.attempt).image : a.image,
                           progress, done);
}

void Worker::perform_one(const units::SignalContainer& a) {
  const auto sent = shell_.engine.signal_container(sandbox_id(state().pod), a.name);
  if (!sent) journal::write(LOG_WARNING, "pod " + key() + ": " + sent.error().message(), {});
}

void Worker::perform_one(const units::KillContainer& a) {
  shell_.engine.kill_container(scope_of(a.name), [](const Result<void>&) {});
}

void Worker::perform_one(const units::SetTimer& a) {
  auto& timer = timers_[a.container];
  timer = std::make_unique<boost::asio::steady_timer>(
      shell_.io, std::chrono::microseconds(std::max<std::int64_t>(0, a.at - now())));
  timer->async_wait([weak = weak_from_this(), a](boost::system::error_code error) {
    if (const auto self = weak.lock(); self && !error) self->post(units::TimerFired{a.container, a.at});
  });
}

void Worker::perform_one(const units::SetLimits& a) {
  shell_.systemd.set_properties(
      a.unit, a.properties, [self = shared_from_this(), a](const Result<void>& result) {
        self->post(units::LimitsSet{a.unit, a.properties, result ? "" : result.error().message()});
      });
}

void Worker::perform_one(const units::Report& a) {
  const spec::Pod& pod = state().pod;
  const std::string unit = a.container.empty() ? units::pod_slice(pod.ns, pod.name) : scope_of(a.container);
  const std::string where =
      a.container.empty() ? "pod " + key() : "container " + a.container + " of pod " + key();
  std::vector<std::pair<std::string, std::string>> fields{{"OBJECT_SYSTEMD_UNIT", unit},
                                                          {"PODSD_EVENT", a.event},
                                                          {"PODSD_POD", pod.name},
                                                          {"PODSD_NAMESPACE", pod.ns},
                                                          {"PODSD_POD_UID", pod.uid}};
  if (!a.container.empty()) fields.emplace_back("PODSD_CONTAINER", a.container);
  journal::write(a.priority, where + " " + a.message, fields);
}

void Worker::perform_one(const units::Forget&) {
  forgotten_ = true;
  timers_.clear();
  const auto removed = shell_.engine.remove_sandbox(sandbox_id(state().pod));
  if (!removed) journal::write(LOG_WARNING, "pod " + key() + ": " + removed.error().message(), {});
  shell_.forgotten(key());
}

}  // namespace podsd::agent
