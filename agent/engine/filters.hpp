// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nlohmann/json.hpp>

#include <filesystem>
#include <set>
#include <string>

namespace podsd::engine {

/// Has seccomp profiles compiled before podsd-runtime needs them: it runs inside the container's memory
/// limit, where the compiler may not fit. The folder is what podsd-runtime is
/// given as --cache.
class Filters {
 public:
  explicit Filters(std::filesystem::path folder) : folder_(std::move(folder)) {}

  /// `seccomp` is linux.seccomp. A profile that does not compile is left to the runtime, which says what is
  /// wrong with it.
  void prepare(const nlohmann::ordered_json& seccomp);

 private:
  std::filesystem::path folder_;
  std::set<std::string> known_;
};

}  // namespace podsd::engine
