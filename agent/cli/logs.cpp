// SPDX-License-Identifier: Apache-2.0
#include "agent/cli/logs.hpp"

#include <unistd.h>

#include <algorithm>

#include "agent/cli/journal.hpp"
#include "agent/cli/log_choice.hpp"
#include "agent/cli/log_lines.hpp"
#include "agent/cli/log_run.hpp"
#include "units/names.hpp"

namespace podsd::cli {
namespace {

/// What to read.
struct Source {
  std::string unit;
  std::optional<Run> run;  ///< absent: everything of the unit
  bool follow = false;
};

Result<Source> from_status(const LogsOptions& options, const Json& pod, const Terminal& terminal) {
  const auto container = choose_container(pod, options.container);
  if (!container) return std::unexpected(container.error());
  if (!container->note.empty()) terminal.err << container->note << "\n";
  const auto run = choose_run(pod, container->name, options.previous);
  if (!run) return std::unexpected(run.error());
  return Source{run->unit, *run, options.follow && !options.previous && !is_over(pod)};
}

/// The container's name in its scope's name, "pods-my_app-api.scope" → "api".
std::string container_in(std::string_view unit, std::string_view prefix) {
  unit.remove_prefix(prefix.size());
  std::string name(unit.substr(0, unit.find(".scope")));
  std::ranges::replace(name, '_', '-');
  return name;
}

/// The unit of a container whose status nobody tells: by its name, or the only one of the pod that ever
/// logged.
Result<std::string> unit_in_journal(const LogsOptions& options, const Journal& journal) {
  if (!options.container.empty()) return units::container_scope(options.ns, options.pod, options.container);
  const std::string prefix = units::pod_stem(options.ns, options.pod) + "-";
  std::vector<std::string> units = journal.units(prefix);
  std::erase_if(units, [](const std::string& unit) { return !unit.ends_with(".scope"); });
  if (units.size() == 1) return units[0];
  if (units.empty())
    return fail("podsd is not running, and the journal has no line of pod \"" + options.pod + "\"");
  std::string all;
  for (const std::string& unit : units) all += (all.empty() ? "" : ", ") + container_in(unit, prefix);
  return fail("podsd is not running: choose a container of pod \"" + options.pod + "\" with -c: " + all);
}

Result<Source> without_agent(const LogsOptions& options, const Journal& journal, const Terminal& terminal) {
  if (options.previous)
    return fail("podsd is not running: it alone knows the previous run (leave out --previous)");
  auto unit = unit_in_journal(options, journal);
  if (!unit) return std::unexpected(unit.error());
  terminal.err << "podsctl: podsd is not running: every line that the journal has of the container follows\n";
  return Source{std::move(*unit), {}, options.follow};
}

Result<Source> choose(const LogsOptions& options, const Connect& connect, Journal& journal,
                      const Terminal& terminal) {
  const auto agent = connect();
  if (!agent) return without_agent(options, journal, terminal);
  const auto reply = (*agent)->get_pod(options.ns, options.pod);
  if (reply) return from_status(options, Json::parse(*reply, nullptr, false), terminal);
  if (reply.error().subject.ends_with(".NoSuchPod")) return fail(bus_error_text(reply.error(), options.pod));
  return without_agent(options, journal, terminal);
}

/// Reads from the place that is set to the end, and on where it follows.
class Reader {
 public:
  Reader(const LogsOptions& options, Source source, Journal& journal, const Connect& connect,
         const Terminal& terminal, std::int64_t now)
      : options_(options),
        source_(std::move(source)),
        journal_(journal),
        connect_(connect),
        terminal_(terminal),
        now_(now),
        lines_(terminal.out, options.timestamps) {
    if (options.since) from_ = now - *options.since;
  }

  Result<std::size_t> run() {
    std::string invocation;
    bool none = false;
    if (source_.run) {
      const auto found = find_run(journal_, *source_.run, options_.units_dir);
      if (!found) return std::unexpected(found.error());
      invocation = found->invocation;
      none = found->none;
      // Without invocation ids only time tells runs apart.
      if (invocation.empty()) from_ = std::max(from_, source_.run->started_at);
    }
    const auto placed = place(invocation, none);
    if (!placed) return std::unexpected(placed.error());
    if (*placed) read();
    while (source_.follow && wait()) read();
    lines_.finish();
    terminal_.out.flush();
    return count_;
  }

 private:
  /// Goes to the first line and shows it; gives whether there may be more behind the place. To follow means
  /// to see later invocations too, so the filter is opened then.
  Result<bool> place(const std::string& invocation, bool none) {
    if (auto set = journal_.filter(source_.unit, invocation); !set) return std::unexpected(set.error());
    if (!none && first_line()) {
      if (source_.follow) {
        if (auto kept = journal_.refilter(source_.unit, ""); !kept) return std::unexpected(kept.error());
      }
      if (options_.tail != 0) show();
      return true;
    }
    if (!source_.follow) return false;
    if (auto set = journal_.filter(source_.unit, ""); !set) return std::unexpected(set.error());
    journal_.seek_time(now_);
    return true;
  }

  bool first_line() {
    if (options_.tail) return journal_.tail(*options_.tail);
    if (from_ != 0) {
      journal_.seek_time(from_);
    } else {
      journal_.seek_head();
    }
    return journal_.next();
  }

  void read() {
    while (journal_.next()) show();
    terminal_.out.flush();
  }

  void show() {
    LogLine line;
    if (from_ != 0 || options_.timestamps) line.time = journal_.time();
    if (line.time < from_) return;
    // Each field may unmap the one before: those that are short are copied first.
    const std::string line_break(journal_.field("_LINE_BREAK"));
    const std::string stream(line_break.empty() && !lines_.open() ? "" : journal_.field("_STREAM_ID"));
    line.line_break = line_break;
    line.stream = stream;
    line.message = journal_.field("MESSAGE");
    lines_.write(line);
    ++count_;
  }

  /// Waits for more; false where the pod is gone or over and all of its lines were shown.
  bool wait() {
    if (ending_) return false;
    if (journal_.wait(std::chrono::seconds(1))) return true;
    // While the scope lives there is no need to wake the agent up.
    if (!live_invocation(options_.units_dir, source_.unit).empty()) return true;
    ending_ = gone();
    return true;
  }

  [[nodiscard]] bool gone() const {
    const auto agent = connect_();
    if (!agent) return false;
    const auto reply = (*agent)->get_pod(options_.ns, options_.pod);
    if (!reply) return reply.error().subject.ends_with(".NoSuchPod");
    return is_over(Json::parse(*reply, nullptr, false));
  }

  const LogsOptions& options_;
  Source source_;
  Journal& journal_;
  const Connect& connect_;
  const Terminal& terminal_;
  std::int64_t now_;
  LogLines lines_;
  std::int64_t from_ = 0;
  std::size_t count_ = 0;
  bool ending_ = false;
};

}  // namespace

int logs(const LogsOptions& options, const Connect& connect, const Terminal& terminal, std::int64_t now) {
  auto journal = Journal::open(options.journal);
  if (!journal) return complain(terminal, journal.error().message());
  auto source = choose(options, connect, *journal, terminal);
  if (!source) return complain(terminal, source.error().message());
  const auto count = Reader(options, *source, *journal, connect, terminal, now).run();
  if (!count) return complain(terminal, count.error().message());
  if (*count == 0 && ::geteuid() != 0) {
    terminal.err << "podsctl: no line found; the journal may hide some from you (root and group "
                    "systemd-journal see all)\n";
  }
  return Exit::done;
}

}  // namespace podsd::cli
