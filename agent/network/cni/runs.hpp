// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <functional>
#include <string>

#include "agent/network/cni/provider.hpp"
#include "agent/network/cni/request.hpp"

namespace podsd::network::cni {

/// Runs of podsd-cni, by the files in RUN/cni/INSTANCE and a unit.
class Runs {
 public:
  Runs(Services services, std::filesystem::path folder)
      : services_(std::move(services)), folder_(std::move(folder)) {}

  /// One operation, whose outcome comes later, from the loop. What an earlier agent has begun under this
  /// instance is waited for: a plugin that is killed in the middle leaves what no DEL finds.
  void run(const std::string& instance, const Request& request, Done<Attachment> done);
  /// Ends what runs under this instance, and then the run's `done` is called.
  void end(const std::string& instance);
  /// Waits for what an earlier agent has begun under this instance.
  void settle(const std::string& instance, Done<void> done);

 private:
  [[nodiscard]] Result<void> write(const std::string& instance, const Request& request) const;
  [[nodiscard]] Result<Attachment> outcome(const std::string& instance, const Result<void>& ended) const;

  Services services_;
  std::filesystem::path folder_;
};

}  // namespace podsd::network::cni
