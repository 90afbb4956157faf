// SPDX-License-Identifier: Apache-2.0
#include "agent/image/source.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <array>
#include <filesystem>
#include <vector>

#include "agent/image/archive.hpp"
#include "agent/image/files.hpp"
#include "agent/os/unique_fd.hpp"

namespace podsd::image {
namespace {

/// Opens a regular file only: a fifo would block and a device has no size.
Result<UniqueFd> open_regular(int dir, const std::string& path, bool confined = false) {
  constexpr int flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY;
  UniqueFd fd = confined ? open_in_root(dir, path, flags) : UniqueFd(::openat(dir, path.c_str(), flags));
  if (!fd) return fail("cannot open", path, errno);
  struct stat st {};
  if (::fstat(fd.get(), &st) != 0) return fail("cannot stat", path, errno);
  if (!S_ISREG(st.st_mode)) return fail("not a regular file", path);
  return fd;
}

class FileReader : public Reader {
 public:
  FileReader(UniqueFd fd, std::string path) : fd_(std::move(fd)), path_(std::move(path)), buffer_(1U << 18) {}

  Result<std::span<const char>> next() override {
    while (true) {
      const ssize_t n = ::read(fd_.get(), buffer_.data(), buffer_.size());
      if (n >= 0) return std::span<const char>(buffer_.data(), static_cast<std::size_t>(n));
      if (errno != EINTR) return fail("cannot read", path_, errno);
    }
  }

 private:
  UniqueFd fd_;
  std::string path_;
  std::vector<char> buffer_;
};

class DirectorySource : public Source {
 public:
  DirectorySource(UniqueFd dir, bool confined) : dir_(std::move(dir)), confined_(confined) {}

  Result<std::unique_ptr<Reader>> open(const std::string& member) const override {
    auto fd = open_regular(dir_.get(), member, confined_);
    if (!fd) return std::unexpected(fd.error());
    return std::make_unique<FileReader>(std::move(*fd), member);
  }

 private:
  UniqueFd dir_;
  bool confined_;
};

/// One member of a tar file, positioned at its data.
class MemberReader : public Reader {
 public:
  MemberReader(UniqueFd fd, std::string member) : fd_(std::move(fd)), member_(std::move(member)) {}

  /// Goes to the member and gives the link target if it is a link, "" if it is a regular file.
  Result<std::string> seek() {
    archive_.reset(archive_read_new());
    archive_read_support_filter_gzip(archive_.get());
    archive_read_support_filter_zstd(archive_.get());
    archive_read_support_format_tar(archive_.get());
    if (archive_read_open_fd(archive_.get(), fd_.get(), 1U << 16) != ARCHIVE_OK) return failure();
    while (true) {
      archive_entry* entry = nullptr;
      const int code = archive_read_next_header(archive_.get(), &entry);
      if (code == ARCHIVE_EOF) return fail("not in the archive", member_, ENOENT);
      if (code < ARCHIVE_WARN) return failure();
      const char* path = archive_entry_pathname(entry);
      if (path == nullptr || normal(path) != member_) continue;
      if (const char* link = archive_entry_hardlink(entry)) return normal(link);
      if (archive_entry_filetype(entry) == AE_IFREG) return "";
      const char* target = archive_entry_symlink(entry);
      if (target == nullptr) return fail("not a regular file", member_);
      return normal(std::filesystem::path(member_).parent_path() / target);
    }
  }

  Result<std::span<const char>> next() override {
    while (true) {
      const void* data = nullptr;
      std::size_t size = 0;
      la_int64_t offset = 0;
      const int code = archive_read_data_block(archive_.get(), &data, &size, &offset);
      if (code == ARCHIVE_EOF) return std::span<const char>();
      if (code != ARCHIVE_OK) return failure();
      if (size > 0) return std::span(static_cast<const char*>(data), size);
    }
  }

 private:
  static std::string normal(const std::filesystem::path& path) {
    return path.lexically_normal().relative_path().generic_string();
  }

  std::unexpected<Error> failure() const {
    const char* text = archive_error_string(archive_.get());
    return fail("cannot read archive member " + member_, text != nullptr ? text : "");
  }

  struct Free {
    void operator()(archive* handle) const { archive_read_free(handle); }
  };
  UniqueFd fd_;
  std::string member_;
  std::unique_ptr<archive, Free> archive_;
};

class ArchiveSource : public Source {
 public:
  explicit ArchiveSource(std::string path) : path_(std::move(path)) {}

  /// docker save writes a layer that occurs twice as a symlink to the first.
  Result<std::unique_ptr<Reader>> open(const std::string& member) const override {
    std::string wanted = member;
    for (int hops = 0; hops < max_links; ++hops) {
      auto fd = open_regular(AT_FDCWD, path_);
      if (!fd) return std::unexpected(fd.error());
      auto reader = std::make_unique<MemberReader>(std::move(*fd), wanted);
      auto link = reader->seek();
      if (!link) return std::unexpected(link.error());
      if (link->empty()) return reader;
      wanted = *link;
    }
    return fail("too many links", member, ELOOP);
  }

 private:
  static constexpr int max_links = 8;
  std::string path_;
};

}  // namespace

Result<std::unique_ptr<Source>> open_directory_source(const std::string& path) {
  UniqueFd dir(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!dir) return fail("cannot open image folder", path, errno);
  return std::make_unique<DirectorySource>(std::move(dir), false);
}

std::unique_ptr<Source> foreign_source(UniqueFd dir) {
  return std::make_unique<DirectorySource>(std::move(dir), true);
}

Result<std::unique_ptr<Source>> open_archive_source(const std::string& path) {
  if (auto fd = open_regular(AT_FDCWD, path); !fd) return std::unexpected(fd.error());
  return std::make_unique<ArchiveSource>(path);
}

Result<std::string> read_member(const Source& source, const std::string& member, std::size_t cap,
                                Expected expected) {
  if (expected.size && *expected.size > cap)
    return fail("larger than the " + std::to_string(cap) + " bytes allowed", member);
  auto reader = source.open(member);
  if (!reader) return std::unexpected(reader.error());
  auto checked = verified(std::move(*reader), std::move(expected));
  return read_all(*checked, cap, member);
}

Result<SourceName> parse_source(const std::string& text) {
  static const std::array<std::pair<std::string, SourceKind>, 4> kinds{{
      {"oci:", SourceKind::oci_directory},
      {"oci-archive:", SourceKind::oci_archive},
      {"docker-archive:", SourceKind::docker_archive},
      {"dir:", SourceKind::plain_directory},
  }};
  for (const auto& [prefix, kind] : kinds) {
    if (!text.starts_with(prefix)) continue;
    const std::string rest = text.substr(prefix.size());
    for (std::size_t end = rest.size(); end != std::string::npos && end > 0; end = rest.rfind(':', end - 1)) {
      const std::string path = rest.substr(0, end);
      if (::access(path.c_str(), F_OK) != 0) continue;
      if (end >= rest.size() - (rest.empty() ? 0 : 1)) return SourceName{kind, path, std::nullopt};
      return SourceName{kind, path, rest.substr(end + 1)};
    }
    return fail("no such image source", rest.substr(0, rest.find(':')), ENOENT);
  }
  return fail(
      "image source is none of oci:DIR[:TAG], oci-archive:FILE[:TAG], docker-archive:FILE[:NAME:TAG], "
      "dir:DIR",
      text);
}

}  // namespace podsd::image
