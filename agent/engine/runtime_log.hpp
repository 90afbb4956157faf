// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>

namespace podsd::engine {

/// What an OCI runtime that ended with that wait status had to say: the last line of its JSON log (runc's
/// format), or what can be said without one.
[[nodiscard]] std::string runtime_error(const std::filesystem::path& log, int wait_status);

}  // namespace podsd::engine
