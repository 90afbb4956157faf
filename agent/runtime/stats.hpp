// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

namespace podsd::runtime {

/// Statistics of a cgroup, in the form in which runc's `events --stats` gives them; `read` gives the text of
/// a file of the cgroup, "" where it does not exist. Bytes, and nanoseconds of CPU.
[[nodiscard]] nlohmann::ordered_json stats_of(
    const std::function<std::string(const std::string& file)>& read);

/// The number behind a key of a file like memory.stat: "anon 4096". 0 where there is none.
[[nodiscard]] std::uint64_t number_of(std::string_view text, std::string_view key);

}  // namespace podsd::runtime
