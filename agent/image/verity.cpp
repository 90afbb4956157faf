// SPDX-License-Identifier: Apache-2.0
#include "agent/image/verity.hpp"

#include <linux/fsverity.h>
#include <sys/ioctl.h>

#include <array>
#include <cerrno>
#include <cstring>

namespace podsd::image {
namespace {

constexpr __u32 block_size = 4096;
constexpr std::size_t sha256_size = 32;

/// fsverity.rst: of a kernel without it, of a file system without it or without its feature.
bool is_missing(int code) {
  return code == ENOTTY || code == EOPNOTSUPP;
}

}  // namespace

Result<std::string> enable_verity(int file) {
  fsverity_enable_arg arguments{};
  arguments.version = 1;
  arguments.hash_algorithm = FS_VERITY_HASH_ALG_SHA256;
  arguments.block_size = block_size;
  if (::ioctl(file, FS_IOC_ENABLE_VERITY, &arguments) == 0) return verity_digest(file);
  if (is_missing(errno)) return "";
  return fail("cannot enable fs-verity", {}, errno);
}

Result<std::string> verity_digest(int file) {
  alignas(fsverity_digest) std::array<unsigned char, sizeof(fsverity_digest) + sha256_size> buffer{};
  fsverity_digest head{};
  head.digest_size = sha256_size;
  std::memcpy(buffer.data(), &head, sizeof head);
  if (::ioctl(file, FS_IOC_MEASURE_VERITY, buffer.data()) != 0)
    return fail("cannot read the fs-verity digest", {}, errno);
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text = "sha256:";
  for (std::size_t i = sizeof head; i < buffer.size(); ++i) {
    text += digits[buffer[i] >> 4U];
    text += digits[buffer[i] & 0xFU];
  }
  return text;
}

}  // namespace podsd::image
