// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>

#include "agent/os/unique_fd.hpp"

namespace podsd::runtime {

/// A Unix socket to which the runtime is to send a file descriptor.
class FdListener {
 public:
  explicit FdListener(std::filesystem::path path);

  struct Received {
    UniqueFd fd;       ///< none if none came
    std::string text;  ///< all that came, up to the end of the connection
  };
  /// Takes one connection. A test that waits in vain is ended by an alarm.
  [[nodiscard]] Received receive() const;

  [[nodiscard]] std::string path() const { return path_; }

 private:
  std::filesystem::path path_;
  UniqueFd socket_;
};

}  // namespace podsd::runtime
