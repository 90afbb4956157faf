// SPDX-License-Identifier: Apache-2.0
// Each manifest of good/ and bad/ against the diagnostics and pods in FILE.expected. With
// PODSD_UPDATE_GOLDEN=1 the expected files are written instead: read the difference before you keep it.
#include <cstdlib>

#include "dump.hpp"
#include "files.hpp"

namespace podsd::spec {
namespace {

void compare(const std::filesystem::path& file, const std::string& found) {
  const std::filesystem::path golden = file.string() + ".expected";
  if (std::getenv("PODSD_UPDATE_GOLDEN") != nullptr) {
    std::ofstream(golden, std::ios::binary) << found;
    return;
  }
  BOOST_REQUIRE_MESSAGE(std::filesystem::exists(golden), golden << " is missing");
  BOOST_CHECK_MESSAGE(read_file(golden) == found, file << " gives\n"
                                                       << found << "and not\n"
                                                       << read_file(golden));
}

}  // namespace

BOOST_AUTO_TEST_CASE(good_manifests) {
  const auto files = list_files(tests_dir() / "spec/good");
  BOOST_REQUIRE_GE(files.size(), 8U);
  for (const auto& file : files) {
    const Manifest manifest = parse_manifest(read_file(file), file.filename());
    BOOST_CHECK_MESSAGE(manifest.ok(), file << " has errors");
    BOOST_CHECK_MESSAGE(!manifest.pods.empty(), file << " has no pod");
    compare(file, dump(manifest));
  }
}

BOOST_AUTO_TEST_CASE(bad_manifests) {
  const auto files = list_files(tests_dir() / "spec/bad");
  BOOST_REQUIRE_GE(files.size(), 40U);
  for (const auto& file : files) {
    const Manifest manifest = parse_manifest(read_file(file), file.filename());
    BOOST_CHECK_MESSAGE(!manifest.ok(), file << " passed");
    compare(file, dump(manifest));
  }
}

}  // namespace podsd::spec
