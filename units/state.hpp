// SPDX-License-Identifier: Apache-2.0
// Everything that podsd knows of one pod, as a value. The agent keeps it in /run/podsd, so that a restart of
// the agent carries on where it was.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "policies/backoff.hpp"
#include "policies/host_ports.hpp"
#include "units/diff.hpp"
#include "units/plan.hpp"
#include "units/status.hpp"

namespace podsd::units {

/// Where a container is. Exactly starting, running and stopping have (or may have) processes.
enum class Run {
  waiting,   ///< its turn has not come
  starting,  ///< the engine is at it
  running,
  stopping,  ///< asked to end; killed at `deadline`
  backoff,   ///< ended or failed; started again at `deadline`
  ended,     ///< ended, and stays so by its restart policy
  held,      ///< stopped by an operator; stays so until told to start
  pulling,   ///< waits for its image
};

/// What becomes of a container once it has ended, where that is not the restart policy's business.
enum class After { policy, hold, restart, drop };

struct Container {
  std::string name = {};
  bool init = false;
  Run run = Run::waiting;
  After after = After::policy;
  std::uint32_t attempt = 0;   ///< counts starts; 0: never started
  std::uint32_t restarts = 0;  ///< core/v1 restartCount
  int pid = 0;                 ///< of its init, in the agent's pid namespace; 0 unless running or stopping
  Instant started_at = 0;
  Instant deadline = 0;     ///< of stopping and backoff; 0: none
  std::string reason = {};  ///< while waiting or in back-off
  std::string message = {};
  std::string image_id = {};
  std::optional<Terminated> last = {};  ///< its latest end
  policies::Backoff backoff = {};
  std::string pulling = {};           ///< the image that is pulled, or was last
  std::set<std::string> pulled = {};  ///< images that were pulled for the start that comes
  policies::Backoff pull_backoff = {};
  Instant pull_at = 0;          ///< no pull before
  std::string pull_error = {};  ///< of the last pull; empty once one succeeded
  bool operator==(const Container&) const = default;
};

/// Where the pod's sandbox is.
enum class Stage { down, creating, up, stopping };

/// Where the pod is to go.
enum class Intent {
  run,
  hold,      ///< stop, and stay stopped until an operator starts it
  recreate,  ///< stop, then run `next` from the beginning
  remove,    ///< stop, clean up, forget
};

struct State {
  spec::Pod pod;
  NodeFacts node;  ///< given by the agent at its start; not kept on disk
  Plan plan;       ///< make_plan(pod, node)
  std::optional<spec::Pod> next;
  Stage stage = Stage::down;
  Intent intent = Intent::run;
  std::vector<Container> containers;  ///< init containers first, in the order of the manifest
  Observed applied;
  Instant start_time = 0;
  Instant retry_at = 0;       ///< stage down after a failed sandbox: when to try again
  policies::Backoff backoff;  ///< of the sandbox
  std::string reason;         ///< of the pod: "CreatePodSandboxError", …
  std::string message;
  std::string manifest_error;  ///< the file on disk is refused; the last good pod goes on
  std::map<std::string, std::string> limit_errors;  ///< by unit
  std::vector<Condition> conditions;
};

/// A state for a pod of which nothing runs yet.
[[nodiscard]] State begin(spec::Pod pod, NodeFacts node);

/// Gives a state read back from disk what is not kept there: the facts about the node, and the plan.
void rebind(State& state, NodeFacts node);

/// Ports of the host that a pod has, or will have once it is made anew.
[[nodiscard]] std::vector<policies::HostPort> claimed_ports(const State& state);

}  // namespace podsd::units
