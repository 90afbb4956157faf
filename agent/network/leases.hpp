// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "policies/pod_addresses.hpp"
#include "spec/result.hpp"

namespace podsd::network {

/// Which pod has which addresses, kept on disk over restarts and reboots. What a call gave is on disk when it
/// returns; a call that fails changes nothing.
class Leases {
 public:
  explicit Leases(std::filesystem::path file) : file_(std::move(file)) {}

  /// Reads the file; none is no lease. To be called first. Errors: it cannot be read, or is damaged.
  [[nodiscard]] Result<void> load();

  /// The lease of a pod: the one it has where that is of these ranges, else a new one. Errors: none is left.
  [[nodiscard]] Result<policies::Lease> take(const std::string& pod,
                                             const std::vector<spec::IpPrefix>& ranges);

  /// Null for a pod without.
  [[nodiscard]] const policies::Lease* find(const std::string& pod) const;
  [[nodiscard]] const std::map<std::string, policies::Lease>& all() const { return kept_.leases; }

  [[nodiscard]] Result<void> free(const std::string& pod);

  /// The ranges that podsd chose for itself on this host; empty before.
  [[nodiscard]] const std::vector<spec::IpPrefix>& chosen_ranges() const { return kept_.ranges; }
  [[nodiscard]] Result<void> keep_ranges(std::vector<spec::IpPrefix> ranges);

 private:
  struct Kept {
    std::vector<spec::IpPrefix> ranges;
    std::uint32_t last = 0;  ///< number of the newest lease
    std::map<std::string, policies::Lease> leases;
  };
  [[nodiscard]] Result<void> keep(Kept changed);

  std::filesystem::path file_;
  Kept kept_;
};

}  // namespace podsd::network
