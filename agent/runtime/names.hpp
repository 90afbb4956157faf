// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace podsd::runtime {

/// The number of "CAP_CHOWN" (capabilities(7)); nothing for a name that is unknown.
[[nodiscard]] std::optional<int> capability_number(std::string_view name);

/// The names of the capabilities in a set.
[[nodiscard]] std::vector<std::string> capability_names(std::uint64_t set);

/// All that namespace_flag() knows.
[[nodiscard]] std::vector<std::string> namespace_names();

/// The resource of "RLIMIT_NOFILE" (getrlimit(2)).
[[nodiscard]] std::optional<int> rlimit_number(std::string_view name);

/// The CLONE_NEW* flag of a namespace type of the OCI specification.
[[nodiscard]] std::optional<std::uint64_t> namespace_flag(std::string_view type);

}  // namespace podsd::runtime
