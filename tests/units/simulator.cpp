// SPDX-License-Identifier: Apache-2.0
#include "tests/units/simulator.hpp"

#include <algorithm>

namespace podsd::tests {

std::optional<Event> next_event(const State& state, Instant& now) {
  if (state.stage == Stage::creating) return SandboxUp{};
  if (state.stage == Stage::stopping) return SandboxDown{};
  for (const Container& c : state.containers) {
    if (c.run == Run::pulling) return ImagePulled{c.name, c.attempt};
    if (c.run == Run::starting) return ContainerUp{c.name, c.attempt, 1, ""};
    if (c.run == Run::stopping) return ContainerDown{c.name, c.attempt, {.signal = 15}, now};
    if (c.run == Run::running && c.init) return ContainerDown{c.name, c.attempt, {}, now};
  }
  std::optional<TimerFired> first;
  const auto timer = [&first](const std::string& name, Instant at) {
    if (at != 0 && (!first || at < first->at)) first = TimerFired{name, at};
  };
  timer("", state.retry_at);
  for (const Container& c : state.containers) timer(c.name, c.deadline);
  if (!first) return std::nullopt;
  now = std::max(now, first->at);
  return *first;
}

spec::Pod Chance::pod() {
  spec::Pod p;
  p.name = "web";
  if (below(20) == 0) p.uid = below(2) == 0 ? "uid-1" : "uid-2";
  for (const char* name : {"a", "b", "c"})
    if (below(3) != 0 || (name == std::string("c") && p.containers.empty())) {
      p.containers.push_back(container(name, below(4) == 0 ? "x:2" : "x:1"));
      p.containers.back().image_pull_policy = static_cast<spec::PullPolicy>(below(3));
      if (below(3) == 0) p.containers.back().resources.limits.memory_bytes = 1 << (20 + below(3));
    }
  if (below(4) == 0) std::ranges::reverse(p.containers);
  for (const char* name : {"i", "j"})
    if (below(5) == 0) p.init_containers.push_back(container(name));
  p.restart_policy = static_cast<spec::RestartPolicy>(below(3));
  p.termination_grace_period_seconds = below(2) * 30;
  if (below(5) == 0) p.names.hostname = "other";
  if (below(5) == 0) p.labels["x"] = std::to_string(below(3));
  return p;
}

std::string Chance::name() {
  static const char* const names[] = {"a", "b", "c", "i", "j", "nobody"};
  return names[below(6)];
}

std::uint32_t Chance::attempt(const State& state, const std::string& name) {
  const auto it = std::ranges::find(state.containers, name, &Container::name);
  if (it != state.containers.end() && often()) return it->attempt;
  return static_cast<std::uint32_t>(below(4));
}

Instant Chance::due(const State& state, const std::string& name) {
  const auto it = std::ranges::find(state.containers, name, &Container::name);
  if (often()) return it != state.containers.end() ? it->deadline : state.retry_at;
  return dawn + below(1000) * second;
}

Event Chance::answer(const State& state, Instant now) {
  const std::string who = name();
  const std::uint32_t which = attempt(state, who);
  switch (below(11)) {
    case 0:
    case 1:
      return ContainerUp{who, which, 4000, "sha256:1"};
    case 2:
      return ContainerFailed{static_cast<ContainerFailed::Stage>(below(4)), who, which, "no"};
    case 3:
    case 4:
      return ContainerDown{who, which, {.exit_code = below(3)}, now, below(8) == 0};
    case 5:
      return SandboxUp{};
    case 6:
      return below(2) == 0 ? Event(SandboxFailed{"no"}) : Event(SandboxUp{});
    case 7:
      return SandboxDown{};
    case 8:
      return ImagePulled{who, which};
    case 9:
      return ImagePullFailed{who, which, "no"};
    default:
      return TimerFired{below(4) == 0 ? "" : who, due(state, who)};
  }
}

Event Chance::event(const State& state, Instant now) {
  if (often()) {
    Instant then = now;
    const auto owed = below(2) == 0 ? next_event(state, then) : std::nullopt;
    return owed.value_or(answer(state, now));
  }
  switch (below(12)) {
    case 0:
    case 1:
    case 2:
      return ManifestApplied{pod()};
    case 3:
      return ManifestApplied{state.pod};
    case 4:
      return ManifestRefused{"bad"};
    case 5:
      return below(4) == 0 ? Event(ManifestGone{}) : Event(ImagesChanged{});
    case 6:
      return SandboxLost{};
    case 7:
      return SystemdReloaded{};
    case 8:
      return LimitsSet{"pods-web-" + name() + ".scope", {}, below(2) == 0 ? "" : "denied"};
    default:
      return Asked{static_cast<Verb>(below(3)), below(2) == 0 ? "" : name()};
  }
}

}  // namespace podsd::tests
