// SPDX-License-Identifier: Apache-2.0
// Finding one run of a container in the journal.
#pragma once

#include <string>

#include "agent/cli/journal.hpp"
#include "agent/cli/log_choice.hpp"

namespace podsd::cli {

/// The invocation id of a unit that is active, from the links that PID 1 keeps for journald in `units_dir`
/// (/run/systemd/units/invocation:UNIT); empty where there is none.
[[nodiscard]] std::string live_invocation(const std::string& units_dir, const std::string& unit);

/// The lines of one run.
struct RunLines {
  std::string invocation;  ///< empty: told apart by time alone
  bool none = false;       ///< the run left no line
};

/// Every start of a container is a new scope, so a new invocation id, which journald keeps with each line:
/// that tells runs apart where times would not, since a line may be received after the next run began. For a
/// run that ended the id is that of the last line before its end; a run whose last line is older than its
/// start left none.
[[nodiscard]] Result<RunLines> find_run(Journal& journal, const Run& run, const std::string& units_dir);

}  // namespace podsd::cli
