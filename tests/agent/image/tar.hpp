// SPDX-License-Identifier: Apache-2.0
// Tar files made byte by byte, so that they can lie.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace podsd::test {

struct Entry {
  std::string name;
  char type = '0';  ///< POSIX typeflag: '0' file, '1' hard link, '2' symlink, '3' char, '4' block, '5'
                    ///< folder, '6' fifo
  std::string data = {};
  std::string link = {};
  unsigned mode = 0644;
  unsigned uid = 0;
  unsigned gid = 0;
  std::int64_t mtime = 1'000'000'000;
  unsigned major = 0;
  unsigned minor = 0;
  std::vector<std::pair<std::string, std::string>> pax = {};
  std::optional<std::uint64_t> declared_size = {};  ///< instead of the data's
};

Entry file(std::string name, std::string data = "data");
Entry folder(std::string name, unsigned mode = 0755);
Entry symbolic_link(std::string name, std::string target);
Entry hardlink(std::string name, std::string target);

/// A ustar file with pax headers where entries have them.
std::string tar(const std::vector<Entry>& entries);

/// "gzip", "zstd" or "none".
std::string compress(const std::string& bytes, const std::string& filter);

}  // namespace podsd::test
