// SPDX-License-Identifier: Apache-2.0
#include "agent/image/unpack.hpp"

#include <unistd.h>

#include <algorithm>
#include <limits>

#include "agent/image/archive.hpp"
#include "agent/image/layer_tree.hpp"

namespace podsd::image {
namespace {

/// What a container may see of an archive's xattrs. trusted.overlay.* would forge whiteouts and redirects,
/// and labels of another machine's security module mean nothing here.
bool keep_xattr(std::string_view name) {
  return name == "security.capability" || (name.starts_with("user.") && !name.starts_with("user.overlay."));
}

/// By which names a process opens its own standard output or error.
constexpr std::string_view outputs[] = {"/dev/stdout",     "/dev/stderr", "/proc/self/fd/1",
                                        "/proc/self/fd/2", "/dev/fd/1",   "/dev/fd/2"};

class Unpacker {
 public:
  Unpacker(ArchiveInput& input, int root, Budget& budget)
      : input_(input), budget_(budget), tree_(root, budget) {}

  Result<Unpacked> run() {
    while (true) {
      archive_entry* entry = nullptr;
      const int code = archive_read_next_header(input_.get(), &entry);
      if (code == ARCHIVE_EOF) break;
      // ARCHIVE_WARN: a name that is not UTF-8, kept as its bytes.
      if (code != ARCHIVE_OK && code != ARCHIVE_WARN)
        return std::unexpected(input_.error("cannot read layer"));
      if (budget_.inodes-- == 0) return fail("image has more files than allowed");
      const char* name = archive_entry_pathname(entry);
      if (name == nullptr) return fail("entry without a name");
      const std::string text = name;
      if (auto done = add(entry, text); !done)
        return fail("cannot unpack", text.substr(0, 200), done.error());
    }
    if (auto finished = tree_.finish(); !finished) return std::unexpected(finished.error());
    return Unpacked{size_, tree_.implicit_folders(), opens_outputs_};
  }

 private:
  Result<void> add(archive_entry* entry, const std::string& text) {
    auto path = parse_entry_path(text);
    if (!path) return std::unexpected(path.error());
    auto marker = marker_of(*path);
    if (!marker) return std::unexpected(marker.error());
    switch (*marker) {
      case Marker::ignored:
        return {};
      case Marker::opaque:
        return tree_.opaque(path->parent);
      case Marker::whiteout:
        path->name.erase(0, whiteout_prefix.size());
        return tree_.whiteout(*path);
      case Marker::none:
        return add_kind(entry, *path);
    }
    return {};
  }

  Result<void> add_kind(archive_entry* entry, const EntryPath& path) {
    const auto kind = archive_entry_filetype(entry);
    const char* target = archive_entry_hardlink(entry);
    if (path.name.empty() && (kind != AE_IFDIR || target != nullptr)) return fail("the root is not a folder");
    if (target != nullptr) return hardlink(path, target);
    if (kind == AE_IFCHR || kind == AE_IFBLK) return device(entry, path);
    auto attributes = attributes_of(entry);
    if (!attributes) return std::unexpected(attributes.error());
    switch (kind) {
      case AE_IFDIR:
        return tree_.folder(path, *attributes);
      case AE_IFREG:
        return file(entry, path, *attributes);
      case AE_IFIFO:
        return tree_.fifo(path, *attributes);
      case AE_IFLNK:
        return symlink(entry, path, *attributes);
      default:
        return fail("entry of an unknown type");
    }
  }

  Result<void> hardlink(const EntryPath& path, const char* target) {
    auto to = parse_entry_path(target);
    if (!to) return fail("hard link leaves the layer", {}, to.error());
    return tree_.hardlink(path, *to);
  }

  Result<void> symlink(archive_entry* entry, const EntryPath& path, const Attributes& attributes) {
    const char* target = archive_entry_symlink(entry);
    if (target == nullptr || *target == '\0') return fail("symlink without a target");
    opens_outputs_ = opens_outputs_ || std::ranges::count(outputs, std::string_view(target)) != 0;
    return tree_.symlink(path, target, attributes);
  }

  Result<void> device(archive_entry* entry, const EntryPath& path) {
    const bool zero = archive_entry_rdevmajor(entry) == 0 && archive_entry_rdevminor(entry) == 0;
    if (archive_entry_filetype(entry) == AE_IFCHR && zero) return tree_.whiteout(path);
    if (path.parent == "dev" || path.parent.starts_with("dev/")) return {};
    return fail("device node outside of /dev");
  }

  static Result<Attributes> attributes_of(archive_entry* entry) {
    // The highest id means "no change" to chown(2).
    constexpr la_int64_t invalid_id = std::numeric_limits<std::uint32_t>::max();
    const la_int64_t uid = archive_entry_uid(entry);
    const la_int64_t gid = archive_entry_gid(entry);
    if (uid < 0 || uid >= invalid_id || gid < 0 || gid >= invalid_id) return fail("owner is not a 32-bit id");
    Attributes attributes;
    attributes.uid = static_cast<uid_t>(uid);
    attributes.gid = static_cast<gid_t>(gid);
    attributes.mode = archive_entry_perm(entry) & 07777;
    attributes.times[1] = {archive_entry_mtime(entry), archive_entry_mtime_nsec(entry)};
    attributes.times[0] = attributes.times[1];
    if (archive_entry_atime_is_set(entry))
      attributes.times[0] = {archive_entry_atime(entry), archive_entry_atime_nsec(entry)};
    const char* name = nullptr;
    const void* value = nullptr;
    std::size_t size = 0;
    archive_entry_xattr_reset(entry);
    while (archive_entry_xattr_next(entry, &name, &value, &size) == ARCHIVE_OK)
      if (keep_xattr(name))
        attributes.xattrs.emplace_back(name, std::string(static_cast<const char*>(value), size));
    return attributes;
  }

  Result<void> file(archive_entry* entry, const EntryPath& path, const Attributes& attributes) {
    const la_int64_t size = archive_entry_size(entry);
    // A hole costs no bytes of the tar, so the declared size is held against the budget on its own.
    if (size < 0 || static_cast<std::uint64_t>(size) > budget_.file) return fail("file larger than allowed");
    auto fd = tree_.file(path);
    if (!fd) return std::unexpected(fd.error());
    if (auto written = copy_data(fd->get(), size); !written) return written;
    return LayerTree::set_attributes(fd->get(), attributes);
  }

  Result<void> copy_data(int fd, la_int64_t size) {
    la_int64_t end = 0;
    while (true) {
      const void* data = nullptr;
      std::size_t length = 0;
      la_int64_t offset = 0;
      const int code = archive_read_data_block(input_.get(), &data, &length, &offset);
      if (code == ARCHIVE_EOF) break;
      if (code != ARCHIVE_OK && code != ARCHIVE_WARN)
        return std::unexpected(input_.error("cannot read layer"));
      if (offset < 0 || offset > size || length > static_cast<std::size_t>(size - offset))
        return fail("data beyond the end of the file");
      if (auto written = write_at(fd, static_cast<const char*>(data), length, offset); !written)
        return written;
      if (length > 0) end = std::max(end, offset + static_cast<la_int64_t>(length));
      size_ += length;
    }
    if (end < size && ::ftruncate(fd, size) != 0) return fail("cannot set size", {}, errno);
    return {};
  }

  static Result<void> write_at(int fd, const char* data, std::size_t length, la_int64_t offset) {
    while (length > 0) {
      const ssize_t n = ::pwrite(fd, data, length, offset);
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) return fail("cannot write", {}, errno);
      data += n;
      offset += n;
      length -= static_cast<std::size_t>(n);
    }
    return {};
  }

  ArchiveInput& input_;
  Budget& budget_;
  LayerTree tree_;
  std::uint64_t size_ = 0;
  bool opens_outputs_ = false;
};

}  // namespace

Result<Unpacked> unpack_layer(Reader& tar, int root, Budget& budget) {
  const auto blocks = padded(tar);
  ArchiveInput input(*blocks);
  archive_read_support_format_tar(input.get());
  archive_read_support_format_empty(input.get());
  if (auto opened = input.open(); !opened) return std::unexpected(opened.error());
  auto unpacked = Unpacker(input, root, budget).run();
  if (!unpacked) return unpacked;
  if (auto rest = drain(tar); !rest) return std::unexpected(rest.error());
  return unpacked;
}

}  // namespace podsd::image
