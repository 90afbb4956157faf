// SPDX-License-Identifier: Apache-2.0
// Talking to systemd: this program is static and knows no D-Bus, so that podsd-runtime-systemd, beside it in
// the folder of programs, does it. That one is executed without a shell, with an environment of nothing but
// where a user's bus is.
#pragma once

#include <string>
#include <vector>

#include "spec/result.hpp"

namespace podsd::runtime {

/// Makes a transient scope with these properties (see unit_properties()) around a process, and waits until
/// that is done. A failed unit of that name is forgotten before. Errors: systemd's words.
[[nodiscard]] Result<void> start_scope(const std::string& scope, const std::string& slice, int pid,
                                       std::vector<std::string> properties);

/// Changes properties of a scope until the next boot (SetUnitProperties with runtime = true).
[[nodiscard]] Result<void> set_scope_properties(const std::string& scope,
                                                const std::vector<std::string>& properties);

/// Stops a scope, waits for it, and forgets its failure. One that is gone already is no error.
[[nodiscard]] Result<void> stop_scope(const std::string& scope);

}  // namespace podsd::runtime
