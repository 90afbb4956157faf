// SPDX-License-Identifier: Apache-2.0
// Reading container lines from the journal: a thin owner of an sd_journal(3).
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "spec/result.hpp"

struct sd_journal;

namespace podsd::cli {

/// Whether an entry with this _LINE_BREAK (systemd.journal-fields(7)) holds a line's beginning that the next
/// entry of its stream goes on with.
[[nodiscard]] bool is_cut(std::string_view line_break);

/// A cursor over the journal's lines that came from stdout and stderr of one unit's processes. After a call
/// of filter() the place is undefined until a seek or tail().
class Journal {
 public:
  /// Opens this machine's journal, or the files in `directory`. Errors: errno of sd_journal_open(3).
  [[nodiscard]] static Result<Journal> open(const std::string& directory);

  /// Which lines are seen: those of `unit` (_SYSTEMD_UNIT) that came through a stream (_TRANSPORT=stdout), of
  /// one invocation of it (systemd.exec(5), INVOCATION_ID) unless that is empty.
  [[nodiscard]] Result<void> filter(const std::string& unit, const std::string& invocation);

  void seek_head();
  /// Before the first line at or after that time (microseconds since the epoch).
  void seek_time(std::int64_t time);
  /// Onto the beginning of the `count`th line from the end (0 counts as 1), or of the first where there are
  /// fewer; false where there is none. A line that journald cut counts once.
  [[nodiscard]] bool tail(std::uint64_t count);
  /// Keeps the line that is current as current, under another filter.
  [[nodiscard]] Result<void> refilter(const std::string& unit, const std::string& invocation);

  /// To the next or previous line; false at the end.
  [[nodiscard]] bool next();
  [[nodiscard]] bool previous();

  /// A field of the current line; empty where it has none. Valid until the next call.
  [[nodiscard]] std::string_view field(const char* name) const;
  /// When journald received the current line, microseconds since the epoch.
  [[nodiscard]] std::int64_t time() const;

  /// Waits until the journal changed or the time is over; whether it changed.
  [[nodiscard]] bool wait(std::chrono::microseconds limit);

  /// Waits until the journal may have changed or `fd` can be read or is hung up; whether the latter. The
  /// first call returns at once.
  [[nodiscard]] Result<bool> wait_beside(int fd);

  /// Every unit that ever logged and whose name begins with `prefix`, sorted.
  [[nodiscard]] std::vector<std::string> units(std::string_view prefix) const;

 private:
  struct Closer {
    void operator()(sd_journal* journal) const;
  };
  explicit Journal(sd_journal* journal) : journal_(journal) {}
  std::unique_ptr<sd_journal, Closer> journal_;
  bool watched_ = false;
};

/// Waits until journald has written what it was sent by now, for ten seconds at most: what `journalctl
/// --sync` asks of it (io.systemd.Journal.Synchronize over varlink).
void synchronize_journal();

}  // namespace podsd::cli
