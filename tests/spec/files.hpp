// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include <boost/test/unit_test.hpp>

namespace podsd::spec {

/// The folder tests/ of the source, given to the binary behind "--".
inline std::filesystem::path tests_dir() {
  const auto& master = boost::unit_test::framework::master_test_suite();
  BOOST_REQUIRE_MESSAGE(master.argc > 1, "usage: spec-test -- TESTS_DIR");
  return master.argv[1];
}

inline std::string read_file(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  BOOST_REQUIRE_MESSAGE(in, "cannot read " << path);
  return {std::istreambuf_iterator<char>(in), {}};
}

/// The files of a folder, sorted, but for those that end in ".expected".
inline std::vector<std::filesystem::path> list_files(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> out;
  for (const auto& entry : std::filesystem::directory_iterator(folder))
    if (entry.path().extension() != ".expected") out.push_back(entry.path());
  std::sort(out.begin(), out.end());
  return out;
}

}  // namespace podsd::spec
