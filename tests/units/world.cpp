// SPDX-License-Identifier: Apache-2.0
#include "tests/units/world.hpp"

#include <algorithm>
#include <stdexcept>

namespace podsd::tests {
namespace {

std::string in(Instant at, Instant now) {
  const Instant delay = at - now;
  if (delay % second != 0) return "+" + std::to_string(delay) + "us";
  return "+" + std::to_string(delay / second) + "s";
}

/// "pods-web-app.scope" → "app", "pods-web.slice" → "slice"
std::string short_unit(const std::string& unit) {
  if (unit.ends_with(".slice")) return "slice";
  const auto dash = unit.rfind('-') + 1;
  return unit.substr(dash, unit.rfind('.') - dash);
}

struct Words {
  const State& state;
  Instant now;

  std::string operator()(const RunSandbox&) const { return "run-sandbox"; }
  std::string operator()(const StopSandbox&) const { return "stop-sandbox"; }
  std::string operator()(const StartContainer& a) const {
    return "start " + a.name + "/" + std::to_string(a.attempt);
  }
  std::string operator()(const PullImage& a) const {
    return "pull " + a.name + "/" + std::to_string(a.attempt);
  }
  std::string operator()(const SignalContainer& a) const { return "signal " + a.name; }
  std::string operator()(const KillContainer& a) const { return "kill " + a.name; }
  std::string operator()(const SetTimer& a) const {
    return "timer " + (a.container.empty() ? "pod" : a.container) + " " + in(a.at, now);
  }
  std::string operator()(const SetLimits& a) const {
    std::string text = "limits " + short_unit(a.unit);
    for (const Property& p : a.properties) text += " " + to_string(p);
    return text;
  }
  std::string operator()(const Report&) const { return ""; }
  std::string operator()(const Forget&) const { return "forget"; }
};

}  // namespace

spec::Container container(const std::string& name, const std::string& image) {
  spec::Container c;
  c.name = name;
  c.image = image;
  c.image_pull_policy = spec::PullPolicy::never;
  return c;
}

spec::Pod pod(const std::vector<std::string>& containers, const std::vector<std::string>& init,
              spec::RestartPolicy policy) {
  spec::Pod p;
  p.name = "web";
  p.uid = "uid-1";
  p.restart_policy = policy;
  for (const std::string& name : containers) p.containers.push_back(container(name));
  for (const std::string& name : init) p.init_containers.push_back(container(name));
  return p;
}

NodeFacts node() {
  NodeFacts facts;
  facts.controllers = {"cpu", "memory", "pids"};
  return facts;
}

std::string words(const std::vector<Action>& todo, const State& state, Instant now) {
  std::string text;
  for (const Action& action : todo) {
    const std::string word = std::visit(Words{state, now}, action);
    if (!word.empty()) text += (text.empty() ? "" : ", ") + word;
  }
  return text;
}

World::World(spec::Pod pod) : s(begin(std::move(pod), node())) {}

std::string World::operator()(const Event& event) {
  Step next = step(s, event, now);
  s = std::move(next.next);
  todo = std::move(next.todo);
  return words(todo, s, now);
}

std::string World::after(double seconds, const Event& event) {
  now += static_cast<Instant>(seconds * second);
  return (*this)(event);
}

std::string World::up(const std::string& name) {
  return (*this)(ContainerUp{name, at(name).attempt, 4000 + static_cast<int>(at(name).attempt), "sha256:1"});
}

std::string World::down(const std::string& name, int exit_code) {
  return (*this)(ContainerDown{name, at(name).attempt, {.exit_code = exit_code}, now});
}

std::string World::killed(const std::string& name, int signal) {
  return (*this)(ContainerDown{name, at(name).attempt, {.signal = signal}, now});
}

std::string World::failed(const std::string& name, ContainerFailed::Stage stage, const std::string& message) {
  return (*this)(ContainerFailed{stage, name, at(name).attempt, message});
}

std::string World::pulled(const std::string& name) {
  return (*this)(ImagePulled{name, at(name).attempt});
}

std::string World::pull_failed(const std::string& name, const std::string& message) {
  return (*this)(ImagePullFailed{name, at(name).attempt, message});
}

std::string World::timer(const std::string& name) {
  const Instant when = name.empty() ? s.retry_at : at(name).deadline;
  now = std::max(now, when);
  return (*this)(TimerFired{name, when});
}

std::string World::edit(const spec::Pod& pod) {
  return (*this)(ManifestApplied{pod});
}

void World::run() {
  (*this)(ManifestApplied{s.pod});
  (*this)(SandboxUp{});
  for (const Container& c : std::vector<Container>(s.containers)) {
    up(c.name);
    if (c.init) down(c.name);
  }
}

const Container& World::at(const std::string& name) const {
  const auto it = std::ranges::find(s.containers, name, &Container::name);
  if (it == s.containers.end()) throw std::out_of_range(name);
  return *it;
}

Container& World::at(const std::string& name) {
  return const_cast<Container&>(std::as_const(*this).at(name));
}

bool World::has(const std::string& name) const {
  return std::ranges::find(s.containers, name, &Container::name) != s.containers.end();
}

ContainerStatus World::status_of(const std::string& name) const {
  const PodStatus all = status(s);
  for (const auto* list : {&all.init_containers, &all.containers})
    for (const ContainerStatus& c : *list)
      if (c.name == name) return c;
  throw std::out_of_range(name);
}

std::string World::said() const {
  std::string text;
  for (const Action& action : todo)
    if (const auto* report = std::get_if<Report>(&action)) text = report->message;
  return text;
}

}  // namespace podsd::tests
