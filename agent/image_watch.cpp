// SPDX-License-Identifier: Apache-2.0
#include "agent/image_watch.hpp"

#include <sys/inotify.h>
#include <unistd.h>

#include <cerrno>

#include "agent/os/unique_fd.hpp"

namespace podsd::agent {

Result<std::unique_ptr<ImageWatch>> ImageWatch::open(boost::asio::io_context& io,
                                                     const std::filesystem::path& names,
                                                     std::function<void()> changed) {
  UniqueFd fd(::inotify_init1(IN_CLOEXEC | IN_NONBLOCK));
  // The store writes a name beside its place and renames it.
  if (!fd || ::inotify_add_watch(fd.get(), names.c_str(), IN_MOVED_TO | IN_ONLYDIR) < 0)
    return fail("cannot watch", names, errno);
  std::unique_ptr<ImageWatch> watch(new ImageWatch(io, fd.release(), std::move(changed)));
  watch->wait();
  return watch;
}

void ImageWatch::wait() {
  inotify_.async_wait(boost::asio::posix::stream_descriptor::wait_read,
                      [this](boost::system::error_code error) {
                        if (error) return;
                        char buffer[4096];
                        while (::read(inotify_.native_handle(), buffer, sizeof buffer) > 0) continue;
                        changed_();
                        wait();
                      });
}

}  // namespace podsd::agent
