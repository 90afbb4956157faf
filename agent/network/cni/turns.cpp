// SPDX-License-Identifier: Apache-2.0
#include "agent/network/cni/turns.hpp"

#include <utility>

namespace podsd::network::cni {

void Turns::run(const std::string& pod, Operation operation) {
  waiting_[pod].push_back(std::move(operation));
  if (!alone_runs_) return next();
  if (std::exchange(cancelled_, true)) return;
  cancel_();
}

void Turns::run_alone(Operation operation, std::function<void()> cancel) {
  if (alone_runs_) return;
  alone_ = std::move(operation);
  cancel_ = std::move(cancel);
  next();
}

void Turns::next() {
  std::map<std::string, Operation> begin;
  for (auto it = waiting_.begin(); it != waiting_.end();) {
    auto& [pod, queue] = *it;
    if (running_.contains(pod)) {
      ++it;
      continue;
    }
    running_.insert(pod);
    begin.emplace(pod, std::move(queue.front()));
    queue.pop_front();
    it = queue.empty() ? waiting_.erase(it) : std::next(it);
  }
  for (const auto& [pod, operation] : begin)
    operation([this, pod = pod] {
      running_.erase(pod);
      next();
    });
  if (begin.empty() && running_.empty() && alone_ && !alone_runs_) begin_alone();
}

void Turns::begin_alone() {
  alone_runs_ = true;
  cancelled_ = false;
  alone_([this] {
    alone_runs_ = false;
    if (!cancelled_) alone_ = nullptr;
    next();
  });
}

}  // namespace podsd::network::cni
