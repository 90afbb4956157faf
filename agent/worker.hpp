// SPDX-License-Identifier: Apache-2.0
// One pod's worker: feeds events to the pure state machine, keeps the state on disk, and does what it says.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "agent/engine/engine.hpp"
#include "agent/state_json.hpp"
#include "units/step.hpp"

namespace podsd::agent {

/// What all workers share. Outlives them.
struct Shell {
  boost::asio::io_context& io;
  engine::Engine& engine;
  units::Systemd& systemd;
  engine::Paths paths;
  std::function<void(const std::string& key)> changed;  ///< a pod's status may have changed
  std::function<void(const std::string& key)>
      forgotten;  ///< the pod is gone; the worker may be destroyed, later
};

/// CLOCK_REALTIME in microseconds.
[[nodiscard]] units::Instant now();

class Worker : public std::enable_shared_from_this<Worker> {
 public:
  using Reply = std::function<void(Result<std::string>)>;

  Worker(Shell& shell, Kept kept) : shell_(shell), kept_(std::move(kept)) {}

  /// Takes up what an earlier agent left: attaches to the sandbox, sets timers again.
  void resume();
  /// Events are handled one after the other, in the order of their posting, each to its end.
  void post(units::Event event);
  /// An operator's verb; `reply` comes when it has come to its end.
  void ask(units::Asked asked, Reply reply);

  [[nodiscard]] const units::State& state() const { return kept_.state; }
  [[nodiscard]] const std::string& manifest() const { return kept_.manifest; }
  void set_manifest(std::string path) { kept_.manifest = std::move(path); }
  [[nodiscard]] std::string key() const;
  /// Whether a scope of that name is one of the pod's.
  [[nodiscard]] bool owns(const std::string& scope) const;
  /// core/v1 PodStatus, with the node's addresses.
  [[nodiscard]] units::PodStatus status() const;

 private:
  void drain();
  void clean_up(const std::vector<std::string>& containers);
  void save();
  void answer();
  void perform(const units::Action& action);
  void perform_one(const units::RunSandbox& a);
  void perform_one(const units::StopSandbox& a);
  void perform_one(const units::StartContainer& a);
  void perform_one(const units::PullImage& a);
  void perform_one(const units::SignalContainer& a);
  void perform_one(const units::KillContainer& a);
  void perform_one(const units::SetTimer& a);
  void perform_one(const units::SetLimits& a);
  void perform_one(const units::Report& a);
  void perform_one(const units::Forget& a);
  [[nodiscard]] std::string scope_of(const std::string& container) const;
  [[nodiscard]] std::vector<std::string> scopes() const;

  Shell& shell_;
  Kept kept_;
  std::string saved_;
  std::deque<units::Event> queue_;
  bool draining_ = false;
  bool forgotten_ = false;
  std::map<std::string, std::unique_ptr<boost::asio::steady_timer>> timers_;
  std::vector<std::pair<units::Asked, Reply>> waiting_;
};

}  // namespace podsd::agent
