// SPDX-License-Identifier: Apache-2.0
#include <boost/test/unit_test.hpp>

#include "agent/image/merged.hpp"
#include "tests/agent/image/layout.hpp"

using namespace podsd::image;
using namespace podsd::test;
namespace fs = std::filesystem;

namespace {

/// Two layers: the upper has /d/upper, the lower /d/lower and links.
struct Layers : Scratch {
  Layers() {
    fs::create_directories(path / "lower/d/deep");
    fs::create_directories(path / "upper/d");
    spill(path / "lower/d/lower", "lower");
    spill(path / "upper/d/upper", "upper");
    fs::create_symlink("d/deep", path / "lower/relative");
    fs::create_symlink("/d", path / "lower/absolute");
    fs::create_symlink("../../../../d/lower", path / "lower/climbs");
    fs::create_symlink("/etc/passwd", path / "lower/out");
    fs::create_symlink("loop", path / "lower/loop");
  }

  /// Where `path` is; the error's text where there is none.
  [[nodiscard]] std::string where(const std::string& wanted) const {
    const auto layers = open_layers({path / "lower", path / "upper"});
    BOOST_REQUIRE(layers);
    const auto found = resolve_merged(*layers, wanted);
    return found ? "/" + *found : found.error().message();
  }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(merged)

BOOST_FIXTURE_TEST_CASE(a_path_loses_its_links, Layers) {
  BOOST_TEST(where("d/lower") == "/d/lower");
  BOOST_TEST(where("absolute/upper") == "/d/upper");
  BOOST_TEST(where("relative") == "/d/deep");
  BOOST_TEST(where("relative/../lower") == "/d/lower");
  BOOST_TEST(where("climbs") == "/d/lower");
  BOOST_TEST(where(".") == "/");
  BOOST_TEST(where("../../d") == "/d");
}

BOOST_FIXTURE_TEST_CASE(what_is_not_in_the_image_is_not_found, Layers) {
  for (const char* path : {"none", "out", "d/lower/x", "loop", "d/none/.."})
    BOOST_TEST(!where(path).starts_with("/"), path);
}

BOOST_AUTO_TEST_SUITE_END()
