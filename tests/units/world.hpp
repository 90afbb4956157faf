// SPDX-License-Identifier: Apache-2.0
// A pod's state machine under test: events go in, actions come out as short words.
#pragma once

#include <string>
#include <vector>

#include "units/step.hpp"

namespace podsd::tests {

using namespace podsd::units;  // NOLINT: tests speak of little else

inline constexpr Instant second = 1'000'000;
/// When worlds begin.
inline constexpr Instant dawn = 1'000'000 * second;

/// A container that differs from others in its image only; that is never pulled.
spec::Container container(const std::string& name, const std::string& image = "localhost/busybox:1");
/// Pod default/web with these containers.
spec::Pod pod(const std::vector<std::string>& containers, const std::vector<std::string>& init = {},
              spec::RestartPolicy policy = spec::RestartPolicy::always);
/// Names with every controller.
NodeFacts node();

/// "start app/2", "signal app", "kill app", "timer app +30s", "limits app CPUWeight=17", "run-sandbox",
/// "stop-sandbox", "forget"; several joined with ", ". Reports are left out.
std::string words(const std::vector<Action>& todo, const State& state, Instant now);

class World {
 public:
  explicit World(spec::Pod pod);

  /// One event; gives what is to be done for it.
  std::string operator()(const Event& event);
  /// The same, after `seconds` have passed.
  std::string after(double seconds, const Event& event);

  // Answers of the engine for the latest attempt of a container.
  std::string up(const std::string& name);
  std::string down(const std::string& name, int exit_code = 0);
  std::string killed(const std::string& name, int signal = 9);
  std::string failed(const std::string& name, ContainerFailed::Stage stage,
                     const std::string& message = "no");
  std::string pulled(const std::string& name);
  std::string pull_failed(const std::string& name, const std::string& message = "no");
  /// Lets the time come for which the container's timer (or, for "", the pod's) is set.
  std::string timer(const std::string& name);
  /// The file now says this.
  std::string edit(const spec::Pod& pod);

  /// Sandbox and every container up, init containers ended well.
  void run();
  const Container& at(const std::string& name) const;
  Container& at(const std::string& name);
  ContainerStatus status_of(const std::string& name) const;
  bool has(const std::string& name) const;
  /// The last report's message.
  std::string said() const;

  State s;
  Instant now = dawn;
  std::vector<Action> todo;  ///< of the last event
};

}  // namespace podsd::tests
