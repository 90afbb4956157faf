// SPDX-License-Identifier: Apache-2.0
// Both directions of the journal: streams for containers' output, entries of the agent's own.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "agent/os/unique_fd.hpp"
#include "spec/result.hpp"

namespace podsd::journal {

/// Opens one journald stdout stream (systemd's journal native stream protocol): every line written to the fd
/// becomes an entry of `unit`. A line's own "<N>" prefix (sd-daemon(3)) sets its priority, `priority`
/// (syslog(3)) is the rest's. Never blocks. Errors: journald does not listen, or has no room for another
/// stream (4,096).
[[nodiscard]] Result<UniqueFd> open_stream(const std::string& identifier, const std::string& unit,
                                           int priority);

/// One structured entry; `fields` are NAME → value, names upper-case. Values may hold any bytes. Errors are
/// dropped: there is nobody to tell them to.
void write(int priority, const std::string& message,
           const std::vector<std::pair<std::string, std::string>>& fields);

}  // namespace podsd::journal
