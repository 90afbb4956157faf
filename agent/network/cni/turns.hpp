// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <set>
#include <string>

namespace podsd::network::cni {

/// Whose turn it is. The specification wants never two operations at once for one container, and GC beside
/// neither ADD nor DEL (section 3). One GC may hang: so it gives way, and comes again. Single-threaded, no
/// waiting.
class Turns {
 public:
  /// Begins, and calls `ended`, once, when it is through; not before it has returned.
  using Operation = std::function<void(std::function<void()> ended)>;

  /// After those that were given before for the same pod.
  void run(const std::string& pod, Operation operation);

  /// When nothing else runs or waits. If something comes meanwhile, `cancel` is called, which is to bring
  /// about the operation's end; it runs again later. In place of an earlier one that has not begun.
  void run_alone(Operation operation, std::function<void()> cancel);

 private:
  void next();
  void begin_alone();

  std::map<std::string, std::deque<Operation>> waiting_;  ///< by pod; no empty ones
  std::set<std::string> running_;
  Operation alone_;  ///< that waits, or runs
  std::function<void()> cancel_;
  bool alone_runs_ = false, cancelled_ = false;
};

}  // namespace podsd::network::cni
