// SPDX-License-Identifier: Apache-2.0
#include "agent/manifest_dir.hpp"

#include <fcntl.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <memory>

#include "agent/os/files.hpp"
#include "agent/os/unique_fd.hpp"
#include "spec/manifest.hpp"

namespace podsd::agent {

bool is_manifest_name(const std::string& name) {
  if (name.empty() || name.front() == '.' || name.front() == '#') return false;
  return std::ranges::any_of(
      std::initializer_list<const char*>{".yaml", ".yml", ".json"},
      [&](const char* end) { return name.ends_with(end) && name.size() > std::string_view(end).size(); });
}

Result<std::string> read_manifest(const std::filesystem::path& path) {
  UniqueFd fd(::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  if (!fd && errno == ELOOP) return fail("is a symbolic link, expected a regular file");
  if (!fd) return fail("cannot open", "", errno);
  struct stat st {};
  if (::fstat(fd.get(), &st) != 0) return fail("cannot look at it", "", errno);
  if (!S_ISREG(st.st_mode)) return fail("is not a regular file");
  if (st.st_uid != 0) return fail("belongs to uid " + std::to_string(st.st_uid) + ", expected root");
  if ((st.st_mode & 022) != 0) return fail("is writable by group or others, expected mode 0644 or stricter");
  if (static_cast<std::size_t>(st.st_size) > spec::max_manifest_bytes)
    return fail("has " + std::to_string(st.st_size) + " bytes, expected at most 1 MiB");
  return os::read_file("/proc/self/fd/" + std::to_string(fd.get()), spec::max_manifest_bytes);
}

Result<std::vector<std::string>> list_manifests(const std::filesystem::path& dir) {
  std::vector<std::string> names;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(dir, error))
    if (is_manifest_name(entry.path().filename())) names.push_back(entry.path().filename());
  if (error) return fail("cannot read the folder", dir, error.value());
  std::ranges::sort(names);
  return names;
}

Result<std::unique_ptr<ManifestWatch>> ManifestWatch::open(
    boost::asio::io_context& io, const std::filesystem::path& dir,
    std::function<void(std::set<std::string>)> changed) {
  UniqueFd fd(::inotify_init1(IN_CLOEXEC | IN_NONBLOCK));
  // IN_ATTRIB: a file refused for its mode or owner is looked at again once that is mended.
  // IN_CREATE: links and special files, which nobody writes and closes; see is_complete().
  constexpr unsigned mask =
      IN_CREATE | IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE | IN_ATTRIB | IN_ONLYDIR;
  if (!fd || ::inotify_add_watch(fd.get(), dir.c_str(), mask) < 0) return fail("cannot watch", dir, errno);
  std::unique_ptr<ManifestWatch> watch(new ManifestWatch(io, fd.release(), dir, std::move(changed)));
  watch->wait();
  return watch;
}

void ManifestWatch::wait() {
  inotify_.async_wait(boost::asio::posix::stream_descriptor::wait_read,
                      [this](boost::system::error_code error) {
                        if (error) return;
                        drain();
                        wait();
                      });
}

/// A regular file with one name was just opened to be written: its IN_CLOSE_WRITE is still to come.
bool ManifestWatch::is_complete(const std::string& name) const {
  struct stat st {};
  return ::lstat((dir_ / name).c_str(), &st) == 0 && (!S_ISREG(st.st_mode) || st.st_nlink > 1);
}

void ManifestWatch::drain() {
  alignas(inotify_event) char buffer[16384];
  std::set<std::string> names;
  bool everything = false;
  ssize_t n = 0;
  while ((n = ::read(inotify_.native_handle(), buffer, sizeof buffer)) > 0)
    for (ssize_t at = 0; at < n;) {
      const auto* event = reinterpret_cast<const inotify_event*>(buffer + at);
      at += static_cast<ssize_t>(sizeof(inotify_event) + event->len);
      everything = everything || (event->mask & IN_Q_OVERFLOW) != 0;
      const std::string name = event->len > 0 ? event->name : "";
      if (!is_manifest_name(name) || ((event->mask & IN_CREATE) != 0 && !is_complete(name))) continue;
      names.insert(name);
    }
  if (everything) return changed_({});
  if (!names.empty()) changed_(std::move(names));
}

}  // namespace podsd::agent
