// SPDX-License-Identifier: Apache-2.0
#include "units/step.hpp"

#include "units/machine.hpp"

namespace podsd::units {
namespace {

/// systemd up to 255 writes CPU quotas as whole percents after a daemon-reload: 12.5 % becomes 12 %.
bool is_rounded_by_reload(const Property& property) {
  constexpr std::uint64_t percent_usec = 10'000;
  const auto* usec = std::get_if<std::uint64_t>(&property.value);
  return property.name == "CPUQuotaPerSecUSec" && usec != nullptr && *usec != unlimited &&
         *usec % percent_usec != 0;
}

struct Dispatch {
  Machine& m;

  void operator()(const ManifestApplied& e) const { m.apply(e.pod); }
  void operator()(const ManifestRefused& e) const { m.s.manifest_error = e.message; }
  void operator()(const ManifestGone&) const {
    m.s.intent = Intent::remove;
    m.s.next.reset();
  }
  void operator()(const SandboxUp&) const { m.sandbox_up(); }
  void operator()(const SandboxFailed& e) const { m.sandbox_failed(e.message); }
  void operator()(const SandboxDown&) const {
    if (m.s.stage == Stage::stopping) m.s.stage = Stage::down;
  }
  void operator()(const SandboxLost&) const { m.sandbox_lost(); }
  void operator()(const ContainerUp& e) const { m.went_up(e); }
  void operator()(const ContainerFailed& e) const { m.failed(e); }
  void operator()(const ContainerDown& e) const { m.went_down(e); }
  void operator()(const Asked& e) const { m.asked(e); }
  void operator()(const TimerFired& e) const { m.timer(e); }
  void operator()(const LimitsSet& e) const { m.limits_set(e); }
  void operator()(const SystemdReloaded&) const {
    for (auto& [unit, properties] : m.s.applied) std::erase_if(properties, is_rounded_by_reload);
    m.set_limits();
  }
  void operator()(const ImagesChanged&) const { m.images_changed(); }
  void operator()(const ImagePulled& e) const { m.image_pulled(e); }
  void operator()(const ImagePullFailed& e) const { m.image_pull_failed(e); }
  void operator()(const ImagePullProgress& e) const { m.image_pull_progress(e); }
};

}  // namespace

Step step(State state, const Event& event, Instant now) {
  Machine machine{std::move(state), now};
  std::visit(Dispatch{machine}, event);
  machine.advance();
  refresh_conditions(machine.s, now);
  return {std::move(machine.s), std::move(machine.todo)};
}

std::vector<Action> resume(const State& state) {
  std::vector<Action> todo;
  for (const Container& c : state.containers) {
    if (c.deadline != 0) todo.emplace_back(SetTimer{c.name, c.deadline});
    if (c.run == Run::pulling) todo.emplace_back(PullImage{c.name, c.attempt, c.pulling});
    // Its grace period is over: whether the kill was sent is not known.
    if (c.run == Run::stopping && c.deadline == 0) todo.emplace_back(KillContainer{c.name});
  }
  if (state.retry_at != 0) todo.emplace_back(SetTimer{"", state.retry_at});
  if (state.stage == Stage::stopping) todo.emplace_back(StopSandbox{});
  return todo;
}

}  // namespace podsd::units
