// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <ostream>
#include <string>
#include <string_view>

namespace podsd::cli {

/// One journal entry of a container's stream.
struct LogLine {
  std::string_view message;  ///< raw bytes
  std::string_view
      line_break;           ///< _LINE_BREAK (systemd.journal-fields(7)); empty: the container ended the line
  std::string_view stream;  ///< _STREAM_ID; needed where line_break is not empty, or was on the line before
  std::int64_t time = 0;    ///< microseconds since the epoch; used for timestamps only
};

/// Writes lines as the container wrote them. A line that journald cut, because it was too long or because
/// another process of the container went on with it, is put together again unless another stream's line comes
/// between.
class LogLines {
 public:
  /// `timestamps`: an RFC 3339 time and a space before each line.
  LogLines(std::ostream& out, bool timestamps) : out_(out), timestamps_(timestamps) {}

  /// Whether a line is open, so that the next LogLine needs its stream.
  [[nodiscard]] bool open() const { return open_; }
  void write(const LogLine& line);
  /// Ends an open line.
  void finish();

 private:
  std::ostream& out_;
  bool timestamps_;
  bool open_ = false;
  std::string stream_;
};

}  // namespace podsd::cli
