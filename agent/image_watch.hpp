// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>

#include <filesystem>
#include <functional>
#include <memory>

#include "spec/result.hpp"

namespace podsd::agent {

/// Calls `changed` when a name appears or moves in the image store: a pod that waits for its image need not
/// poll.
class ImageWatch {
 public:
  [[nodiscard]] static Result<std::unique_ptr<ImageWatch>> open(boost::asio::io_context& io,
                                                                const std::filesystem::path& names,
                                                                std::function<void()> changed);

 private:
  ImageWatch(boost::asio::io_context& io, int fd, std::function<void()> changed)
      : inotify_(io, fd), changed_(std::move(changed)) {}
  void wait();

  boost::asio::posix::stream_descriptor inotify_;
  std::function<void()> changed_;
};

}  // namespace podsd::agent
