// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <ostream>
#include <string>
#include <thread>

#include "agent/os/unique_fd.hpp"
#include "spec/result.hpp"

namespace podsd::cli {

/// "pulling NAME: 1.0MB of 73.4MB", of what PullImage tells (dbus/service.hpp), cut to `columns` characters.
[[nodiscard]] std::string pull_text(const std::string& name, const std::string& told, std::size_t columns);

/// Says on the last line of a terminal how far a pull is, drawn again and again from a thread of its own;
/// when the object goes, the line is empty. Nobody else may write to the terminal meanwhile.
class PullLine {
 public:
  /// `err` must outlive it. Errors: no sockets.
  [[nodiscard]] static Result<std::unique_ptr<PullLine>> draw(std::ostream& err, std::string name);
  PullLine(const PullLine&) = delete;
  PullLine& operator=(const PullLine&) = delete;
  ~PullLine();

  /// What PullImage takes as `progress`.
  [[nodiscard]] int fd() const { return theirs_.get(); }

 private:
  PullLine(std::ostream& err, std::string name) : err_(err), name_(std::move(name)) {}
  void show(const std::string& told);
  void listen();

  std::ostream& err_;
  std::string name_;
  UniqueFd ours_, theirs_;
  std::thread thread_;
};

}  // namespace podsd::cli
