// SPDX-License-Identifier: Apache-2.0
// start, stop and restart, as an operator asks for them.
#include <algorithm>

#include "units/machine.hpp"
#include "units/step.hpp"

namespace podsd::units {

void Machine::asked(const Asked& e) {
  if (s.intent == Intent::remove) return;
  if (e.container.empty()) return ask_pod(e.verb);
  Container* c = find(e.container);
  // A container that has left the manifest is on its way out.
  if (c != nullptr && c->after != After::drop) ask_container(*c, e.verb);
}

void Machine::ask_pod(Verb verb) {
  switch (verb) {
    case Verb::stop:
      // An edit that waits in `next` is kept for the next start.
      s.intent = Intent::hold;
      s.retry_at = 0;
      return;
    case Verb::restart:
      return remake();
    case Verb::start:
      break;
  }
  const bool down = s.stage == Stage::down || s.stage == Stage::stopping;
  if (s.intent == Intent::hold || down) return remake();
  for (Container& c : s.containers)
    if (c.run == Run::held || c.after == After::hold) revive(c);
}

void Machine::ask_container(Container& c, Verb verb) {
  if (verb == Verb::stop) return hold(c);
  const bool up = s.stage == Stage::up || s.stage == Stage::creating;
  // An init container's work is done once per sandbox, and is nothing without the pod.
  if (c.init && (!up || s.intent == Intent::hold)) return ask_pod(verb);
  if (c.init && succeeded(c)) return;
  if (s.intent == Intent::hold) {
    // The pod comes up for this container; the others stay stopped.
    for (Container& other : s.containers)
      if (&other != &c && !other.init) hold(other);
    s.intent = Intent::run;
    if (s.next) s.intent = Intent::recreate;
  }
  if (verb == Verb::start && (c.run == Run::running || c.run == Run::starting)) {
    c.after = After::policy;
    return;
  }
  revive(c);
  if (!up) s.retry_at = 0;
  // It waits for the init containers: none may stay stopped, and in a new sandbox each works again.
  const auto idle = [up](const Container& i) {
    if (i.run == Run::ended) return !up || !succeeded(i);
    return i.run == Run::held || i.run == Run::stopping || i.after == After::hold;
  };
  for (Container& other : s.containers)
    if (other.init && idle(other)) revive(other);
}

void Machine::hold(Container& c) {
  if (c.after == After::drop) return;
  if (live(c)) {
    c.after = After::hold;
    return;
  }
  // One that has ended stays so anyway, unless its pod is stopped: then it could run again with the pod.
  if (c.run == Run::ended && (c.init || s.intent == Intent::run)) return;
  c.run = Run::held;
  c.after = After::policy;
  c.deadline = 0;
  c.reason.clear();
  c.message.clear();
}

/// Starts the container anew: at once, or after the end of what lives of it.
void Machine::revive(Container& c) {
  c.backoff = {};
  forget_pulls(c);
  if (live(c)) {
    c.after = After::restart;
    return;
  }
  c.after = After::policy;
  c.run = Run::waiting;
  c.deadline = 0;
  c.reason.clear();
  c.message.clear();
}

std::optional<std::string> outcome(const State& state, const Asked& asked) {
  const auto settled = [&](const Container& c) -> std::optional<std::string> {
    if (asked.verb == Verb::stop) return live(c) ? std::nullopt : std::optional<std::string>("");
    if (c.run == Run::running || c.run == Run::ended) return "";
    if (c.run == Run::backoff) return c.reason + ": " + c.message;
    if (c.run == Run::held || c.after == After::hold) return "stopped by a later request";
    return std::nullopt;
  };
  if (asked.verb == Verb::stop && state.stage == Stage::down) return "";
  if (asked.container.empty() && asked.verb == Verb::stop) {
    const bool again = state.intent == Intent::run || state.intent == Intent::recreate;
    return again ? std::optional<std::string>("started by a later request") : std::nullopt;
  }
  if (asked.verb != Verb::stop && state.intent == Intent::hold) return "stopped by a later request";
  if (asked.verb != Verb::stop && state.intent == Intent::remove) return "the pod is being removed";
  if (state.intent != Intent::run) return std::nullopt;
  if (state.stage == Stage::down && !state.reason.empty()) return state.reason + ": " + state.message;
  std::string failures;
  for (const Container& c : state.containers) {
    if (!asked.container.empty() && c.name != asked.container) continue;
    if (asked.container.empty() && c.run == Run::held) continue;
    const auto one = settled(c);
    if (!one) return std::nullopt;
    if (!one->empty()) failures += (failures.empty() ? "" : "; ") + c.name + ": " + *one;
  }
  return failures;
}

}  // namespace podsd::units
