// SPDX-License-Identifier: Apache-2.0
// Replays the fuzzer's corpus, and all manifests of good/ and bad/ cut at every byte.
#include "../fuzz/manifest_properties.hpp"
#include "files.hpp"

namespace podsd::spec {

BOOST_AUTO_TEST_CASE(fuzz_corpus) {
  const auto files = list_files(tests_dir() / "fuzz/corpus/manifest");
  BOOST_REQUIRE_GT(files.size(), 20U);
  for (const auto& file : files) BOOST_TEST(broken_property(read_file(file)) == "", file);
}

BOOST_AUTO_TEST_CASE(cut_manifests) {
  for (const char* folder : {"spec/good", "spec/bad"}) {
    for (const auto& file : list_files(tests_dir() / folder)) {
      const std::string text = read_file(file);
      for (std::size_t i = 0; i < text.size(); ++i)
        BOOST_TEST(broken_property(text.substr(0, i)) == "", file << " at " << i);
    }
  }
}

}  // namespace podsd::spec
