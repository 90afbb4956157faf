// SPDX-License-Identifier: Apache-2.0
// Random walks: whatever happens, in whatever order, the machine asks for nothing impossible and always finds
// home.
#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cstdlib>

#include "tests/units/simulator.hpp"
#include "units/machine.hpp"

namespace podsd::tests {
namespace {

/// PODSD_WALKS=2000 walks further than every run of the tests needs to.
unsigned walks() {
  const char* asked = std::getenv("PODSD_WALKS");
  return asked == nullptr ? 500 : static_cast<unsigned>(std::atoi(asked));
}

constexpr int events = 200;
constexpr int enough = 300;  ///< steps in which a cooperative engine must come to an end

bool forgets(const Step& step) {
  return std::ranges::any_of(step.todo, [](const Action& a) { return std::holds_alternative<Forget>(a); });
}

/// Whether the pod goes away once its file does.
bool can_be_removed(State s, Instant now) {
  Event event = ManifestGone{};
  for (int i = 0; i < enough; ++i) {
    Step next = step(std::move(s), event, now);
    if (forgets(next)) return true;
    s = std::move(next.next);
    const auto more = next_event(s, now);
    if (!more) return false;
    event = *more;
  }
  return false;
}

/// Whether the pod comes up (or is over) once an operator starts it.
bool can_be_started(State s, Instant now) {
  const Event file = ManifestApplied{s.pod};
  s = step(std::move(s), file, now).next;
  Event event = Asked{Verb::start, ""};
  for (int i = 0; i < enough; ++i) {
    s = step(std::move(s), event, now).next;
    const auto more = next_event(s, now);
    if (more) {
      event = *more;
      continue;
    }
    const auto rests = [](const Container& c) { return c.run == Run::running || c.run == Run::ended; };
    return s.intent == Intent::run && std::ranges::all_of(s.containers, rests) &&
           (s.stage == Stage::up || (s.stage == Stage::down && is_over(s)));
  }
  return false;
}

/// Whether one container runs (or ends, or is none that could) once an operator starts it.
bool can_be_started(State s, Instant now, const std::string& name) {
  if (s.intent == Intent::remove) return true;
  const Asked asked{Verb::start, name};
  Event event = asked;
  for (int i = 0; i < enough; ++i) {
    s = step(std::move(s), event, now).next;
    if (outcome(s, asked)) return true;
    const auto more = next_event(s, now);
    if (!more) return false;
    event = *more;
  }
  return false;
}

/// Walks; gives what went wrong.
std::string walk(unsigned seed) {
  Chance chance(seed);
  Witness witness;
  Instant now = dawn;
  State s = begin(chance.pod(), node());
  for (int i = 0; i < events; ++i) {
    now += chance.below(3) == 0 ? chance.below(700) * second : 0;
    const Event event = chance.event(s, now);
    const State before = s;
    Step next = step(std::move(s), event, now);
    const std::string where =
        " after event " + std::to_string(i) + " (kind " + std::to_string(event.index()) + ")";
    if (const std::string wrong = witness.judge(before, event, next, now); !wrong.empty())
      return wrong + where;
    if (forgets(next)) return "";
    s = std::move(next.next);
    if (i % 20 != 0) continue;
    if (!can_be_removed(s, now)) return "cannot be removed" + where;
    if (!can_be_started(s, now)) return "cannot be started" + where;
    for (const Container& c : s.containers)
      if (c.after != After::drop && !can_be_started(s, now, c.name))
        return c.name + " cannot be started" + where;
  }
  return "";
}

BOOST_AUTO_TEST_CASE(random_walks) {
  unsigned failed = 0;
  for (unsigned seed = 0; seed < walks() && failed < 10; ++seed)
    if (const std::string wrong = walk(seed); !wrong.empty()) {
      BOOST_ERROR("seed " << seed << ": " << wrong);
      ++failed;
    }
  BOOST_TEST(failed == 0U);
}

BOOST_AUTO_TEST_CASE(steps_are_deterministic) {
  for (unsigned seed = 0; seed < 50; ++seed) {
    Chance one(seed);
    Chance two(seed);
    State a = begin(one.pod(), node());
    State b = begin(two.pod(), node());
    for (int i = 0; i < 50; ++i) {
      const Event first = one.event(a, dawn);
      const Event second_one = two.event(b, dawn);
      Step x = step(std::move(a), first, dawn);
      Step y = step(std::move(b), second_one, dawn);
      BOOST_REQUIRE(words(x.todo, x.next, dawn) == words(y.todo, y.next, dawn));
      BOOST_REQUIRE((status(x.next) == status(y.next)));
      a = std::move(x.next);
      b = std::move(y.next);
    }
  }
}

}  // namespace
}  // namespace podsd::tests
