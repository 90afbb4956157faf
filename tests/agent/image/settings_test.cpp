// SPDX-License-Identifier: Apache-2.0
#include "agent/image/settings.hpp"

#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <fstream>

#include "agent/image/gc_request.hpp"

using podsd::image::read_settings;
using podsd::image::Settings;

namespace {

podsd::Result<Settings> settings_of(const std::string& text) {
  const auto file = std::filesystem::temp_directory_path() / ("settings-" + std::to_string(::getpid()));
  std::ofstream(file) << text;
  auto settings = read_settings(file);
  std::filesystem::remove(file);
  return settings;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(settings)

BOOST_AUTO_TEST_CASE(what_podsd_yaml_says_counts) {
  const auto absent = read_settings("/nonexistent/podsd.yaml");
  BOOST_REQUIRE(absent);
  BOOST_TEST((absent->gc == podsd::policies::ImageGcConfig{}));
  const auto all = settings_of(
      "imageGCHighThresholdPercent: 70\nimageGCLowThresholdPercent: 60\nimageMinimumGCAge: 5m\n"
      "pinnedImages: [a:1]\nimageLimits: {bytes: 1Gi, files: 10, time: 2m}\nimageSnapshotter: erofs\n");
  BOOST_REQUIRE_MESSAGE(all, (all ? std::string() : all.error().message()));
  BOOST_TEST((all->gc == podsd::policies::ImageGcConfig{70, 60, 300'000'000, {"a:1"}}));
  BOOST_TEST(all->rules.budget.bytes == 1U << 30);
  BOOST_TEST(all->rules.budget.file == 1U << 30);
  BOOST_TEST(all->rules.budget.blobs == 1U << 30);
  BOOST_TEST(all->rules.budget.inodes == 10U);
  BOOST_TEST(all->rules.budget.time.count() == 120);
  BOOST_TEST(all->rules.snapshotter->name() == "erofs");
  BOOST_TEST(absent->rules.snapshotter->name() == "overlayfs");
  BOOST_TEST(settings_of("imageGCHighThresholdPercent: 50\n")->gc.low_percent == 49);
}

BOOST_AUTO_TEST_CASE(what_is_wrong_is_told_with_its_place) {
  const std::pair<const char*, const char*> table[] = {
      {"imageGCHighThresholdPercent: 101",
       "1:30: error: imageGCHighThresholdPercent: found 101, expected 1 to 100"},
      {"imageGCLowThresholdPercent: 85", "expected 0 to 84"},
      {"imageMinimumGCAge: soon", "a duration"},
      {"pinnedImages: a", "pinnedImages"},
      {"imageLimits: {bytes: 0}", "imageLimits.bytes"},
      {"imageLimits: {files: 0}", "imageLimits.files"},
      {"imageLimits: {time: 999ms}", "at least 1s"},
      {"imageLimits: {inodes: 1}", "inodes"},
      {"imageSnapshotter: zfs", "overlayfs"},
  };
  for (const auto& [text, message] : table) {
    const auto settings = settings_of(text);
    BOOST_REQUIRE(!settings);
    BOOST_TEST(settings.error().message().find(message) != std::string::npos, settings.error().message());
  }
}

BOOST_AUTO_TEST_CASE(a_request_to_collect_is_read_back) {
  const podsd::image::GcRequest request{{70, 60, 5, {"a", "b"}}, {"c", "d"}};
  const auto read = podsd::image::parse_gc_request(podsd::image::gc_request_text(request));
  BOOST_REQUIRE(read);
  BOOST_TEST((read->config == request.config && read->named == request.named));
  for (const char* bad : {"", "{}", "[]", R"({"high":101,"low":0,"age":0,"pinned":[],"named":[]})"})
    BOOST_TEST(!podsd::image::parse_gc_request(bad));
}

BOOST_AUTO_TEST_SUITE_END()
