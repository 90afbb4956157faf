// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "tests/units/simulator.hpp"

namespace podsd::tests {
namespace {

const Container* find(const State& s, const std::string& name) {
  const auto it = std::ranges::find(s.containers, name, &Container::name);
  return it == s.containers.end() ? nullptr : &*it;
}

bool is_live(const Container& c) {
  return c.run == Run::starting || c.run == Run::running || c.run == Run::stopping;
}

}  // namespace

std::string Witness::judge(const State& before, const Event& event, const Step& step, Instant now) {
  const auto ended = [this](const std::string& name, std::uint32_t attempt) {
    if (live_.contains(name) && live_[name] == attempt) live_.erase(name);
  };
  if (const auto* e = std::get_if<ContainerDown>(&event)) ended(e->name, e->attempt);
  if (const auto* e = std::get_if<ContainerFailed>(&event))
    if (const Container* c = find(before, e->name); c != nullptr && c->run == Run::starting)
      ended(e->name, e->attempt);
  if (std::holds_alternative<SandboxLost>(event) && before.stage == Stage::up) live_.clear();
  if (std::holds_alternative<SandboxDown>(event) && before.stage == Stage::stopping) sandbox_ = false;
  if (std::holds_alternative<SandboxFailed>(event) && before.stage == Stage::creating) sandbox_ = false;
  for (const Action& action : step.todo)
    if (std::string wrong = judge_action(step.next, action); !wrong.empty()) return wrong;
  std::erase_if(attempts_, [&step](const auto& entry) { return find(step.next, entry.first) == nullptr; });
  return judge_state(step.next, now);
}

std::string Witness::judge_action(const State& after, const Action& action) {
  if (const auto* a = std::get_if<StartContainer>(&action)) {
    if (live_.contains(a->name)) return a->name + " is started while it lives";
    if (attempts_[a->name] >= a->attempt) return "attempt of " + a->name + " does not grow";
    if (after.stage != Stage::up || after.intent != Intent::run)
      return a->name + " is started in a pod that is not up";
    live_[a->name] = attempts_[a->name] = a->attempt;
  }
  if (std::holds_alternative<RunSandbox>(action)) {
    if (sandbox_) return "the sandbox is made twice";
    sandbox_ = true;
  }
  if (std::holds_alternative<StopSandbox>(action) && !live_.empty())
    return "the sandbox is stopped under " + live_.begin()->first;
  if (std::holds_alternative<Forget>(action) && (sandbox_ || !live_.empty()))
    return "forgotten while it lives";
  if (const auto* a = std::get_if<SignalContainer>(&action); a != nullptr && !live_.contains(a->name))
    return a->name + " is signalled while it is dead";
  if (const auto* a = std::get_if<KillContainer>(&action); a != nullptr && !live_.contains(a->name))
    return a->name + " is killed while it is dead";
  if (const auto* a = std::get_if<SetTimer>(&action)) timers_[a->container] = a->at;
  if (const auto* a = std::get_if<SetLimits>(&action)) {
    if (!sandbox_) return "limits of a pod that is not up";
    if (after.stage == Stage::up && !after.applied.contains(a->unit))
      return "limits of " + a->unit + ", which is not there";
  }
  return "";
}

std::string Witness::judge_state(const State& after, Instant now) const {
  for (const Container& c : after.containers) {
    const bool lives = is_live(c);
    if (lives != live_.contains(c.name)) return c.name + (lives ? " is thought alive" : " is thought dead");
    if (!lives && c.after != After::policy) return c.name + " has ended and still has a mark";
    if ((c.pid != 0) != (c.run == Run::running || c.run == Run::stopping)) return "pid of " + c.name;
    const bool waits = c.deadline > now && (c.run == Run::stopping || after.stage == Stage::up);
    if (waits && (!timers_.contains(c.name) || timers_.at(c.name) != c.deadline))
      return "no timer for " + c.name;
    const bool planned =
        std::ranges::find(after.plan.containers, c.name, &ContainerPlan::name) != after.plan.containers.end();
    if (planned == (c.after == After::drop)) return "plan and state differ on " + c.name;
  }
  if (live_.size() > after.containers.size()) return "a live container was forgotten";
  for (const ContainerPlan& c : after.plan.containers)
    if (find(after, c.name) == nullptr) return c.name + " is planned and has no state";
  if (after.retry_at > now && (!timers_.contains("") || timers_.at("") != after.retry_at))
    return "no timer for the pod";
  if (after.intent == Intent::recreate && after.stage == Stage::down) return "not made again";
  return "";
}

}  // namespace podsd::tests
