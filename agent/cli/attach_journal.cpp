// SPDX-License-Identifier: Apache-2.0
#include "agent/cli/attach_journal.hpp"

#include "agent/cli/journal.hpp"
#include "agent/cli/log_lines.hpp"
#include "units/names.hpp"

namespace podsd::cli {
namespace {

class Shown {
 public:
  Shown(Journal& journal, const Terminal& terminal)
      : journal_(journal), terminal_(terminal), out_(terminal.out, false), err_(terminal.err, false) {}

  void read() {
    while (journal_.next()) show();
    terminal_.out.flush();
    terminal_.err.flush();
  }

  void finish() {
    out_.finish();
    err_.finish();
    terminal_.out.flush();
    terminal_.err.flush();
  }

 private:
  void show() {
    // Each field may unmap the one before: those that are short are copied first.
    const std::string priority(journal_.field("PRIORITY")), line_break(journal_.field("_LINE_BREAK")),
        stream(journal_.field("_STREAM_ID"));
    LogLine line;
    line.line_break = line_break;
    line.stream = stream;
    line.message = journal_.field("MESSAGE");
    (!priority.empty() && priority <= "3" ? err_ : out_).write(line);
  }

  Journal& journal_;
  const Terminal& terminal_;
  LogLines out_, err_;
};

}  // namespace

Result<void> show_until(const JournalPart& part, int ended, const Terminal& terminal) {
  auto journal = Journal::open(part.directory);
  if (!journal) return std::unexpected(journal.error());
  if (auto set = journal->filter(units::container_scope(part.ns, part.pod, part.container), ""); !set)
    return set;
  journal->seek_time(part.since);
  Shown shown(*journal, terminal);
  bool over = false;
  while (!over) {
    const auto waited = journal->wait_beside(ended);
    if (!waited) return std::unexpected(waited.error());
    over = *waited;
    if (over) synchronize_journal();
    shown.read();
  }
  shown.finish();
  return {};
}

}  // namespace podsd::cli
