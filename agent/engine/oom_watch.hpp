// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>

#include <cstdint>
#include <map>
#include <string>

#include "spec/result.hpp"

namespace podsd::engine {

/// Remembers the oom_kill count of living scopes. A scope's cgroup, and memory.events with it, goes away as
/// soon as it is empty, so the file is watched by inotify from the start and its last count kept.
class OomWatch {
 public:
  explicit OomWatch(boost::asio::io_context& io);

  /// Begins to watch the cgroup (absolute path); without a memory controller there is nothing to watch.
  void add(const std::string& cgroup);
  /// The highest count seen, reading once more if the file is still there. 0 for an unknown cgroup.
  [[nodiscard]] std::uint64_t count(const std::string& cgroup);
  void remove(const std::string& cgroup);

 private:
  void wait();
  void drain();

  struct Watched {
    std::string cgroup;
    std::uint64_t count = 0;
  };
  boost::asio::posix::stream_descriptor inotify_;
  std::map<int, Watched> watched_;
};

}  // namespace podsd::engine
