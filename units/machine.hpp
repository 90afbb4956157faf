// SPDX-License-Identifier: Apache-2.0
// The parts of step(), private to units/. A Machine is one call of step() under way.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "units/event.hpp"
#include "units/state.hpp"

namespace podsd::units {

struct Machine {
  State s;
  Instant now;
  std::vector<Action> todo = {};

  // container.cpp
  Container* find(const std::string& name);
  [[nodiscard]] const ContainerPlan& plan_of(const Container& c) const;
  [[nodiscard]] std::string scope_of(const Container& c) const;
  [[nodiscard]] std::string container_id(const Container& c) const;
  void release_limits(const Container& c);
  static void count_start(Container& c);
  void start(Container& c);
  void stop(Container& c);
  void went_up(const ContainerUp& e);
  void went_down(const ContainerDown& e);
  void failed(const ContainerFailed& e);
  void settle(Container& c, int exit_code, const std::string& what);
  void retry(Container& c, std::int64_t ran, const std::string& reason, const std::string& message,
             const std::string& what);

  // pull.cpp
  [[nodiscard]] std::vector<spec::ImageVolume> images_of(const Container& c) const;
  [[nodiscard]] spec::PullPolicy pull_policy(const Container& c, const std::string& image) const;
  void begin_pull(Container& c, const std::string& image);
  void lacks_image(Container& c, const ContainerFailed& e);
  void image_pulled(const ImagePulled& e);
  void image_pull_progress(const ImagePullProgress& e);
  void image_pull_failed(const ImagePullFailed& e);
  void await_pull(Container& c, const std::string& reason);
  void images_changed();
  static void forget_pulls(Container& c);

  // pod.cpp
  void sandbox_up();
  void sandbox_failed(const std::string& message);
  void sandbox_lost();
  void timer(const TimerFired& e);
  void advance();
  void advance_up();
  void advance_down();
  void run_again();
  void run_sandbox();
  bool schedule();
  void stop_all();
  void stop_sandbox();
  void remake();

  // edit.cpp
  void apply(spec::Pod pod);
  void edit_containers(const spec::Pod& before);
  void set_limits();
  void limits_set(const LimitsSet& e);

  // verbs.cpp
  void asked(const Asked& e);
  void ask_pod(Verb verb);
  void ask_container(Container& c, Verb verb);
  void hold(Container& c);
  void revive(Container& c);

  void report(int priority, const std::string& container, std::string event, std::string message) {
    todo.emplace_back(Report{priority, container, std::move(event), std::move(message)});
  }
};

/// "1m40s", "20s", "500ms": as a person would say a delay in microseconds.
[[nodiscard]] std::string duration_text(std::int64_t usec);

/// What the pod's manifest says of a container that it has.
[[nodiscard]] const spec::Container& spec_of(const State& state, const Container& c);

/// Whether processes of the container live or may live.
[[nodiscard]] inline bool live(const Container& c) {
  return c.run == Run::starting || c.run == Run::running || c.run == Run::stopping;
}

/// Whether the container has ended with success.
[[nodiscard]] bool succeeded(const Container& c);

/// Whether nothing of the pod is to run any more: each container ended or is held, or an init container
/// failed for good.
[[nodiscard]] bool is_over(const State& state);

/// Brings state.conditions up to date; a transition is stamped with `now`.
void refresh_conditions(State& state, Instant now);

}  // namespace podsd::units
