// SPDX-License-Identifier: Apache-2.0
// linux.seccomp of config.json: from its JSON to a loaded filter. Compiling a profile costs milliseconds and
// memory that a small container does not have, so compiled filters are kept in a folder that the agent, too,
// can fill.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "policies/seccomp.hpp"
#include "spec/result.hpp"

namespace podsd::runtime {

/// What seccomp(2) is given.
struct LoadedFilter {
  std::string program;               ///< struct sock_filter[]; empty: no filter
  std::uint32_t flags = 0;           ///< SECCOMP_FILTER_FLAG_*
  std::vector<std::string> unknown;  ///< calls that were left out, when it was compiled just now
};

/// Reads the value of linux.seccomp (OCI runtime-spec, config-linux.md, "Seccomp"). Errors name the field.
[[nodiscard]] Result<policies::SeccompProfile> parse_seccomp(std::string_view json);

/// What parse_seccomp() and the compiler know by name (features-linux.md, "Seccomp").
[[nodiscard]] std::vector<std::string> seccomp_action_names();
[[nodiscard]] std::vector<std::string> seccomp_operator_names();
[[nodiscard]] std::vector<std::string> seccomp_architecture_names();
[[nodiscard]] std::vector<std::string> seccomp_flag_names();

/// The filter of a profile: from `cache`, or compiled and put there (0700, written by rename). `json` is
/// compared in full with what a kept filter was made of. A cache that cannot be used only costs time.
[[nodiscard]] Result<LoadedFilter> seccomp_filter(const std::string& json, const std::string& cache);

struct SeccompAgent;

/// Loads a filter into this process, for good. Needs no_new_privs or CAP_SYS_ADMIN (seccomp(2)). A listener
/// is handed over to the agent.
[[nodiscard]] Result<void> load_seccomp(const LoadedFilter& filter, SeccompAgent& agent);

}  // namespace podsd::runtime
