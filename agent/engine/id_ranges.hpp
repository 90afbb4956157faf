// SPDX-License-Identifier: Apache-2.0
// Which ids of the host belong to which pod with a user namespace of its own (KEP-127): 65,536 each, from a
// configured range, kept on disk over restarts and reboots, since files on disk belong to them.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "spec/result.hpp"

namespace podsd::engine {

/// How many ids each pod has; every range begins at a multiple of it.
inline constexpr std::uint32_t ids_per_pod = 65536;

/// podsd.yaml, userNamespaces.
struct IdRangeConfig {
  std::uint32_t first_id = ids_per_pod;
  std::uint32_t pods = 110;
};

class IdRanges {
 public:
  /// `file` is made with the first range. `accounts` is the folder of subuid, subgid, passwd and group: a
  /// range in which one of the host's own users or groups lies is not given away.
  IdRanges(std::filesystem::path file, IdRangeConfig config, std::filesystem::path accounts = "/etc")
      : file_(std::move(file)), config_(config), accounts_(std::move(accounts)) {}

  /// The first id of a sandbox's range; the one that it has, or a new one, which is on disk when this
  /// returns. Errors: none is left; the file cannot be read or written, and then nothing is given away.
  [[nodiscard]] Result<std::uint32_t> take(const std::string& sandbox);

  /// The first id of the range that a sandbox has; 0 without one.
  [[nodiscard]] std::uint32_t find(const std::string& sandbox);

  /// What take() would give, without keeping it.
  [[nodiscard]] Result<std::uint32_t> peek(const std::string& sandbox);

  /// Gives a range back. Nothing of the sandbox may be left on disk.
  [[nodiscard]] Result<void> free(const std::string& sandbox);

  /// Those that have one.
  [[nodiscard]] std::set<std::string> sandboxes();

 private:
  [[nodiscard]] Result<void> load();
  [[nodiscard]] Result<void> save() const;

  std::filesystem::path file_;
  IdRangeConfig config_;
  std::filesystem::path accounts_;
  std::optional<std::map<std::string, std::uint32_t>> ranges_;  ///< once the file was read
};

}  // namespace podsd::engine
