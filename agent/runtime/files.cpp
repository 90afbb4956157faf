// SPDX-License-Identifier: Apache-2.0
#include "agent/runtime/files.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

#include "agent/os/unique_fd.hpp"

namespace podsd::runtime {

Result<std::string> read_file(const std::string& path, std::size_t max_bytes) {
  UniqueFd file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!file) return fail("cannot open", path, errno);
  struct stat status = {};
  if (fstat(file.get(), &status) < 0) return fail("cannot look at", path, errno);
  if (!S_ISREG(status.st_mode)) return fail("not a regular file", path);
  if (static_cast<std::size_t>(status.st_size) > max_bytes) return fail("too large", path);
  std::string text(static_cast<std::size_t>(status.st_size), '\0');
  std::size_t done = 0;
  while (done < text.size()) {
    ssize_t n = read(file.get(), text.data() + done, text.size() - done);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return fail("cannot read", path, errno);
    if (n == 0) break;
    done += static_cast<std::size_t>(n);
  }
  text.resize(done);
  return text;
}

Result<void> make_directories(const std::string& path) {
  for (std::size_t end = 0; end != std::string::npos;) {
    end = path.find('/', end + 1);
    std::string parent = path.substr(0, end);
    if (mkdir(parent.c_str(), 0700) < 0 && errno != EEXIST) return fail("cannot make", parent, errno);
  }
  return {};
}

Result<void> replace_file(const std::string& path, const std::string& text) {
  std::string temporary = path + "." + std::to_string(getpid()) + ".tmp";
  UniqueFd file(open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644));
  if (!file) return fail("cannot make", temporary, errno);
  bool written = write(file.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size());
  if (written && rename(temporary.c_str(), path.c_str()) == 0) return {};
  int error = errno;
  unlink(temporary.c_str());
  return fail("cannot write", path, error);
}

}  // namespace podsd::runtime
