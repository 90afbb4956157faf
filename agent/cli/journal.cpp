// SPDX-License-Identifier: Apache-2.0
#include "agent/cli/journal.hpp"

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <systemd/sd-journal.h>
#include <time.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <utility>

#include "agent/os/unique_fd.hpp"

namespace podsd::cli {

bool is_cut(std::string_view line_break) {
  return line_break == "line-max" || line_break == "pid-change";
}

void Journal::Closer::operator()(sd_journal* journal) const {
  sd_journal_close(journal);
}

Result<Journal> Journal::open(const std::string& directory) {
  sd_journal* raw = nullptr;
  // All of the local journal and not only the system's: journald files the lines of processes with a login
  // user's uid under that user (journald.conf(5), SplitMode=), and runAsUser may well be one.
  const int result = directory.empty() ? sd_journal_open(&raw, SD_JOURNAL_LOCAL_ONLY)
                                       : sd_journal_open_directory(&raw, directory.c_str(), 0);
  if (result < 0) return fail("cannot open the journal", directory, -result);
  Journal journal(raw);
  sd_journal_set_data_threshold(raw, 0);  // else long fields come cut
  return journal;
}

Result<void> Journal::filter(const std::string& unit, const std::string& invocation) {
  sd_journal* journal = journal_.get();
  sd_journal_flush_matches(journal);
  std::vector<std::string> matches{"_SYSTEMD_UNIT=" + unit, "_TRANSPORT=stdout"};
  if (!invocation.empty()) matches.push_back("_SYSTEMD_INVOCATION_ID=" + invocation);
  for (const std::string& match : matches) {
    const int result = sd_journal_add_match(journal, match.data(), match.size());
    if (result < 0) return fail("cannot search the journal", match, -result);
  }
  return {};
}

void Journal::seek_head() {
  sd_journal_seek_head(journal_.get());
}

void Journal::seek_time(std::int64_t time) {
  sd_journal_seek_realtime_usec(journal_.get(), static_cast<std::uint64_t>(std::max<std::int64_t>(time, 0)));
}

bool Journal::tail(std::uint64_t count) {
  sd_journal_seek_tail(journal_.get());
  std::uint64_t lines = 0;
  while (previous()) {
    // The last entry ends a line in any case: nothing goes on behind it.
    if (lines == 0 || !is_cut(field("_LINE_BREAK"))) ++lines;
    if (lines > std::max<std::uint64_t>(count, 1)) return next();
  }
  seek_head();
  return next();
}

Result<void> Journal::refilter(const std::string& unit, const std::string& invocation) {
  char* raw = nullptr;
  const int got = sd_journal_get_cursor(journal_.get(), &raw);
  if (got < 0) return fail("cannot read the journal", unit, -got);
  const std::unique_ptr<char, decltype(&std::free)> cursor(raw, &std::free);
  if (auto set = filter(unit, invocation); !set) return set;
  sd_journal_seek_cursor(journal_.get(), cursor.get());
  if (!next()) return fail("cannot read the journal", unit);
  return {};
}

bool Journal::next() {
  return sd_journal_next(journal_.get()) > 0;
}

bool Journal::previous() {
  return sd_journal_previous(journal_.get()) > 0;
}

std::string_view Journal::field(const char* name) const {
  const void* data = nullptr;
  std::size_t size = 0;
  if (sd_journal_get_data(journal_.get(), name, &data, &size) < 0) return {};
  std::string_view pair(static_cast<const char*>(data), size);
  const std::size_t key = std::string_view(name).size() + 1;
  return pair.size() < key ? std::string_view() : pair.substr(key);
}

std::int64_t Journal::time() const {
  std::uint64_t time = 0;
  sd_journal_get_realtime_usec(journal_.get(), &time);
  return static_cast<std::int64_t>(time);
}

bool Journal::wait(std::chrono::microseconds limit) {
  const int result = sd_journal_wait(journal_.get(), static_cast<std::uint64_t>(limit.count()));
  return result == SD_JOURNAL_APPEND || result == SD_JOURNAL_INVALIDATE;
}

Result<bool> Journal::wait_beside(int fd) {
  sd_journal* journal = journal_.get();
  const int changes = sd_journal_get_fd(journal);
  if (changes < 0) return fail("cannot watch the journal", {}, -changes);
  // What came before it was watched has to be read first.
  if (!std::exchange(watched_, true)) return false;
  std::uint64_t until = UINT64_MAX;
  sd_journal_get_timeout(journal, &until);
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  const std::uint64_t usec = static_cast<std::uint64_t>(now.tv_sec) * 1'000'000 + now.tv_nsec / 1000;
  const int limit = until == UINT64_MAX ? -1
                    : until <= usec     ? 0
                                        : static_cast<int>((until - usec) / 1000 + 1);
  pollfd fds[] = {{changes, static_cast<short>(sd_journal_get_events(journal)), 0}, {fd, POLLIN, 0}};
  if (::poll(fds, 2, limit) < 0 && errno != EINTR) return fail("cannot watch the journal", {}, errno);
  sd_journal_process(journal);
  return fds[1].revents != 0;
}

void synchronize_journal() {
  const UniqueFd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strcpy(address.sun_path, "/run/systemd/journal/io.systemd.journal");
  if (!socket || ::connect(socket.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) return;
  constexpr char request[] = R"({"method":"io.systemd.Journal.Synchronize"})";  // with its NUL, which ends it
  if (::send(socket.get(), request, sizeof request, MSG_NOSIGNAL) != sizeof request) return;
  pollfd answered = {socket.get(), POLLIN, 0};
  static_cast<void>(::poll(&answered, 1, 10'000));
}

std::vector<std::string> Journal::units(std::string_view prefix) const {
  std::vector<std::string> out;
  if (sd_journal_query_unique(journal_.get(), "_SYSTEMD_UNIT") < 0) return out;
  const void* data = nullptr;
  std::size_t size = 0;
  while (sd_journal_enumerate_available_unique(journal_.get(), &data, &size) > 0) {
    std::string_view unit(static_cast<const char*>(data), size);
    unit.remove_prefix(std::min(unit.size(), std::string_view("_SYSTEMD_UNIT=").size()));
    if (unit.starts_with(prefix)) out.emplace_back(unit);
  }
  std::ranges::sort(out);
  return out;
}

}  // namespace podsd::cli
