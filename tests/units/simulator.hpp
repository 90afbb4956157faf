// SPDX-License-Identifier: Apache-2.0
// An engine that does what it is asked, and a random world that does not.
#pragma once

#include <map>
#include <optional>
#include <random>
#include <string>

#include "tests/units/world.hpp"

namespace podsd::tests {

/// The next thing that a cooperative engine tells of this state: the answer it owes, else the timer that is
/// due first
/// (`now` moves there). Init containers end well, others run on. nullopt: nothing more happens by itself.
std::optional<Event> next_event(const State& state, Instant& now);

/// What has been asked of the engine, by which the actions of a step are judged.
class Witness {
 public:
  /// What is wrong with this step; empty if nothing.
  std::string judge(const State& before, const Event& event, const Step& step, Instant now);

 private:
  std::string judge_action(const State& after, const Action& action);
  std::string judge_state(const State& after, Instant now) const;

  std::map<std::string, std::uint32_t> live_;      ///< attempts that may have processes
  std::map<std::string, std::uint32_t> attempts_;  ///< the latest
  std::map<std::string, Instant> timers_;
  bool sandbox_ = false;  ///< asked for, and neither failed nor down
};

/// Events and manifests out of a seed.
class Chance {
 public:
  explicit Chance(unsigned seed) : random_(seed) {}

  spec::Pod pod();
  Event event(const State& state, Instant now);
  /// A number from 0 to n - 1.
  int below(int n) { return static_cast<int>(random_() % static_cast<unsigned>(n)); }

 private:
  bool often() { return below(10) < 7; }
  std::string name();
  std::uint32_t attempt(const State& state, const std::string& name);
  Instant due(const State& state, const std::string& name);
  Event answer(const State& state, Instant now);

  std::mt19937 random_;
};

}  // namespace podsd::tests
