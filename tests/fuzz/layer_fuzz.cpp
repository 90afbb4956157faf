// SPDX-License-Identifier: Apache-2.0
// Layers, compressed or not, unpacked for real: as root, best in a mount namespace where all but TMPDIR is
// read-only. The folder that a layer is unpacked into has a neighbour, which nothing may touch.
#include <sys/stat.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include "agent/image/files.hpp"
#include "agent/image/tree_digest.hpp"
#include "tests/agent/image/memory_reader.hpp"

namespace {

namespace fs = std::filesystem;
using namespace podsd;

void check(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "%s\n", what);
  std::abort();
}

/// A folder with the root to unpack into and the file "victim".
struct Place {
  fs::path path;
  UniqueFd fd;
  struct stat victim {};
  struct stat above {};

  Place() {
    std::string name = fs::temp_directory_path() / "podsd-fuzz.XXXXXX";
    check(::mkdtemp(name.data()) != nullptr, "cannot make a folder");
    path = name;
    fd.reset(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    const UniqueFd file(::open((path / "victim").c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
    check(fd && file, "cannot open a folder");
  }

  ~Place() { fs::remove_all(path); }

  static Place& place() {
    static Place one;
    return one;
  }

  UniqueFd new_root() {
    check(::mkdirat(fd.get(), "root", 0755) == 0, "cannot make a folder");
    check(::fstat(fd.get(), &above) == 0 && ::fstatat(fd.get(), "victim", &victim, 0) == 0, "cannot stat");
    return UniqueFd(::openat(fd.get(), "root", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  }

  void check_untouched() const {
    struct stat now {};
    check(::fstatat(fd.get(), "victim", &now, AT_SYMLINK_NOFOLLOW) == 0, "the neighbour is gone");
    check(now.st_ino == victim.st_ino && now.st_size == victim.st_size && now.st_mode == victim.st_mode &&
              now.st_nlink == 1 && now.st_uid == victim.st_uid &&
              now.st_ctim.tv_nsec == victim.st_ctim.tv_nsec,
          "the neighbour was touched");
    check(::fstat(fd.get(), &now) == 0 && now.st_ctim.tv_nsec == above.st_ctim.tv_nsec,
          "the folder above was touched");
  }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  image::Budget budget{.bytes = 1U << 20, .inodes = 200, .blobs = 1U << 20, .file = 1U << 20};
  Place& place = Place::place();
  const UniqueFd root = place.new_root();
  auto bytes = std::make_unique<test::MemoryReader>(std::string(reinterpret_cast<const char*>(data), size));
  const auto tar = image::budgeted(image::decompressed(std::move(bytes)), budget.bytes);
  const auto unpacked = image::unpack_layer(*tar, root.get(), budget);
  place.check_untouched();
  if (unpacked) {
    check(unpacked->size <= 1U << 20, "more bytes than allowed");
    const auto once = image::tree_digest(root.get()), twice = image::tree_digest(root.get());
    check(once && twice && *once == *twice, "a tree without a digest of its own");
  }
  check(image::remove_tree(place.fd.get(), "root").has_value(), "what was unpacked cannot be removed");
  return 0;
}
