// SPDX-License-Identifier: Apache-2.0
// A cgroup's processes: listing, freezing and ending them, and the folders below it.
#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <ctime>
#include <functional>
#include <memory>

#include "agent/runtime/cgroup.hpp"

namespace podsd::runtime {
namespace {

constexpr std::int64_t deadline_ms = 10'000;
constexpr int max_depth = 64;

std::int64_t now_ms() {
  timespec now = {};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return std::int64_t{now.tv_sec} * 1000 + now.tv_nsec / 1'000'000;
}

// Visits the folders below, each after those that it holds; then the visitor gets its parent and its name.
void below(int folder, int depth, const std::function<void(int parent, const char* name)>& visit) {
  // Not a duplicate, which would share its place in the list with the other.
  int own = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  std::unique_ptr<DIR, int (*)(DIR*)> list(own < 0 ? nullptr : fdopendir(own), closedir);
  if (list == nullptr || depth > max_depth) return;
  while (const dirent* entry = readdir(list.get())) {
    if (entry->d_type != DT_DIR || entry->d_name[0] == '.') continue;
    UniqueFd child(openat(folder, entry->d_name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW));
    if (child) below(child.get(), depth + 1, visit);
    visit(folder, entry->d_name);
  }
}

void add_numbers(std::string_view text, std::vector<int>& numbers) {
  while (!text.empty()) {
    int number = 0;
    auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    // 0 stands for a process that this pid namespace does not see.
    if (error == std::errc() && number > 0) numbers.push_back(number);
    auto next = text.find('\n');
    text.remove_prefix(next == std::string_view::npos ? text.size() : next + 1);
  }
}

}  // namespace

Result<std::vector<int>> Cgroup::processes() const {
  std::vector<int> numbers;
  auto own = read("cgroup.procs");
  if (!own) return std::unexpected(own.error());
  add_numbers(*own, numbers);
  below(folder_.get(), 0, [&](int parent, const char* name) {
    Cgroup child({}, UniqueFd(openat(parent, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW)));
    if (auto text = child.read("cgroup.procs")) add_numbers(*text, numbers);
  });
  return numbers;
}

// cgroup.events raises POLLPRI with each change (cgroup-v2.rst, "[Un]populated Notification").
Result<void> Cgroup::await_event(std::string_view line) const {
  UniqueFd events(openat(folder_.get(), "cgroup.events", O_RDONLY | O_CLOEXEC));
  if (!events) return fail("cannot open cgroup.events of", path_, errno);
  for (std::int64_t end = now_ms() + deadline_ms;;) {
    char text[256];
    ssize_t n = pread(events.get(), text, sizeof text, 0);
    // ENODEV: the cgroup has been removed, and with it all of its processes.
    if (n < 0) return errno == ENODEV ? Result<void>() : fail("cannot read cgroup.events of", path_, errno);
    if (std::string_view(text, static_cast<std::size_t>(n)).find(line) != std::string_view::npos) return {};
    auto left = end - now_ms();
    pollfd change = {events.get(), POLLPRI, 0};
    if (left <= 0 || (poll(&change, 1, static_cast<int>(left)) < 0 && errno != EINTR))
      return fail("cgroup " + path_ + " does not become \"" + std::string(line) + "\"", {}, ETIMEDOUT);
  }
}

Result<void> Cgroup::freeze(bool frozen) const {
  if (auto done = write("cgroup.freeze", frozen ? "1" : "0"); !done) return done;
  auto done = await_event(frozen ? "frozen 1" : "frozen 0");
  if (!done && frozen) static_cast<void>(write("cgroup.freeze", "0"));
  return done;
}

bool Cgroup::frozen() const {
  auto text = read("cgroup.freeze");
  return text && text->starts_with('1');
}

Result<void> Cgroup::kill() const {
  if (auto done = write("cgroup.kill", "1"); !done && done.error().code != ENODEV) return done;
  return await_event("populated 0");
}

Result<void> Cgroup::remove() const {
  below(folder_.get(), 0, [](int parent, const char* name) { unlinkat(parent, name, AT_REMOVEDIR); });
  auto slash = path_.rfind('/');
  auto parent = Cgroup::open(path_.substr(0, slash));
  if (!parent) return parent.error().code == ENOENT ? Result<void>() : std::unexpected(parent.error());
  if (unlinkat(parent->folder().get(), path_.c_str() + slash + 1, AT_REMOVEDIR) < 0 && errno != ENOENT)
    return fail("cannot remove the cgroup", path_, errno);
  return {};
}

}  // namespace podsd::runtime
