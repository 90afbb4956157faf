// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "agent/cli/command.hpp"

namespace podsd::cli {

/// What a container writes to the journal from some time on.
struct JournalPart {
  std::string directory;  ///< of journal files; empty: this machine's
  std::string ns, pod, container;
  std::int64_t since = 0;  ///< microseconds since the epoch
};

/// Shows it until `ended` can be read, and then what journald had received by then: errors and worse, as
/// which standard error counts, on the error stream.
[[nodiscard]] Result<void> show_until(const JournalPart& part, int ended, const Terminal& terminal);

}  // namespace podsd::cli
