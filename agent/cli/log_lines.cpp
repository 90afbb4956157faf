// SPDX-License-Identifier: Apache-2.0
#include "agent/cli/log_lines.hpp"

#include "agent/cli/journal.hpp"
#include "agent/kube/text.hpp"

namespace podsd::cli {

void LogLines::write(const LogLine& line) {
  const bool continued = open_ && line.stream == stream_;
  if (open_ && !continued) finish();
  if (timestamps_ && !continued) out_ << kube::micro_time_text(line.time) << ' ';
  out_.write(line.message.data(), static_cast<std::streamsize>(line.message.size()));
  open_ = is_cut(line.line_break);
  if (open_) {
    stream_ = line.stream;
  } else {
    out_.put('\n');
  }
}

void LogLines::finish() {
  if (open_) out_.put('\n');
  open_ = false;
}

}  // namespace podsd::cli
