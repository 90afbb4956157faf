// SPDX-License-Identifier: Apache-2.0
// The folder of manifests: which of its files count, how they are read, and who tells of changes.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>

#include <filesystem>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "spec/result.hpp"

namespace podsd::agent {

/// Whether a file of that name counts: .yaml, .yml or .json; no dotfile, editor's backup, swap or lock file.
[[nodiscard]] bool is_manifest_name(const std::string& name);

/// Reads one manifest safely: no symlink is followed, no fifo waited for; it must be a regular file of
/// root's, not writable by group or others, of at most 1 MiB. Errors say which rule it breaks; code ENOENT:
/// there is none.
[[nodiscard]] Result<std::string> read_manifest(const std::filesystem::path& path);

/// Names of the manifests in the folder, sorted.
[[nodiscard]] Result<std::vector<std::string>> list_manifests(const std::filesystem::path& dir);

/// Watches the folder by inotify(7). Only whole files count: those closed after writing, moved or linked
/// here, and what takes files away.
class ManifestWatch {
 public:
  /// `changed` gets the names that changed since it was last called; an empty set asks for a scan of
  /// everything (the queue of events overflowed). Errors: no such folder.
  [[nodiscard]] static Result<std::unique_ptr<ManifestWatch>> open(
      boost::asio::io_context& io, const std::filesystem::path& dir,
      std::function<void(std::set<std::string>)> changed);

 private:
  ManifestWatch(boost::asio::io_context& io, int fd, std::filesystem::path dir,
                std::function<void(std::set<std::string>)> changed)
      : inotify_(io, fd), dir_(std::move(dir)), changed_(std::move(changed)) {}
  void wait();
  void drain();
  [[nodiscard]] bool is_complete(const std::string& name) const;

  boost::asio::posix::stream_descriptor inotify_;
  std::filesystem::path dir_;
  std::function<void(std::set<std::string>)> changed_;
};

}  // namespace podsd::agent
