// SPDX-License-Identifier: Apache-2.0
#include "agent/engine/oom_watch.hpp"

#include <sys/inotify.h>
#include <unistd.h>

#include <algorithm>

#include "agent/engine/cgroup.hpp"

namespace podsd::engine {

OomWatch::OomWatch(boost::asio::io_context& io) : inotify_(io, ::inotify_init1(IN_CLOEXEC | IN_NONBLOCK)) {
  wait();
}

void OomWatch::add(const std::string& cgroup) {
  const std::string file = cgroup + "/memory.events";
  const int watch = ::inotify_add_watch(inotify_.native_handle(), file.c_str(), IN_MODIFY);
  if (watch >= 0) watched_[watch] = {cgroup, 0};
}

std::uint64_t OomWatch::count(const std::string& cgroup) {
  for (auto& [watch, w] : watched_) {
    if (w.cgroup != cgroup) continue;
    w.count = std::max(w.count, oom_kills(cgroup).value_or(0));
    return w.count;
  }
  return 0;
}

void OomWatch::remove(const std::string& cgroup) {
  const auto it =
      std::ranges::find_if(watched_, [&](const auto& entry) { return entry.second.cgroup == cgroup; });
  if (it == watched_.end()) return;
  ::inotify_rm_watch(inotify_.native_handle(), it->first);
  watched_.erase(it);
}

void OomWatch::wait() {
  inotify_.async_wait(boost::asio::posix::stream_descriptor::wait_read,
                      [this](boost::system::error_code error) {
                        if (error) return;
                        drain();
                        wait();
                      });
}

void OomWatch::drain() {
  alignas(inotify_event) char buffer[4096];
  ssize_t n = 0;
  while ((n = ::read(inotify_.native_handle(), buffer, sizeof buffer)) > 0)
    for (ssize_t at = 0; at < n;) {
      const auto* event = reinterpret_cast<const inotify_event*>(buffer + at);
      at += static_cast<ssize_t>(sizeof(inotify_event) + event->len);
      const auto it = watched_.find(event->wd);
      if (it != watched_.end())
        it->second.count = std::max(it->second.count, oom_kills(it->second.cgroup).value_or(0));
    }
}

}  // namespace podsd::engine
