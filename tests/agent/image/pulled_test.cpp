// SPDX-License-Identifier: Apache-2.0
// What a transfer left is believed in nothing.
#include <boost/test/unit_test.hpp>

#include "agent/image/digest.hpp"
#include "agent/image/fetch.hpp"
#include "agent/image/manifest.hpp"
#include "agent/image/skopeo.hpp"
#include "tests/agent/image/layout.hpp"

using namespace podsd::test;
namespace fs = std::filesystem;
using podsd::image::sha256_hex;

namespace {

/// The folder of a finished transfer, made of a layout's blobs.
struct Fixture : Scratch {
  fs::path pulled = path / "pulled";
  fs::path layout = path / "layout";
  std::string manifest;
  podsd::image::Store store = open_store(path / "store");

  Fixture() {
    write_layout(layout, {.layers = {tar({file("a", "text")})}});
    fs::create_directories(pulled / "image");
    for (const auto& blob : fs::directory_iterator(layout / "blobs/sha256"))
      fs::copy(blob.path(), pulled / "image" / blob.path().filename());
    const Json index = Json::parse(slurp(layout / "index.json"));
    const std::string digest = index["manifests"][0]["digest"];
    manifest = slurp(layout / "blobs/sha256" / digest.substr(7));
    spill(pulled / "image/manifest.json", manifest);
    spill(pulled / "manifest", manifest);
  }

  std::string index(const std::string& architecture) const {
    return Json{{"schemaVersion", 2},
                {"manifests",
                 {{{"mediaType", "application/vnd.oci.image.manifest.v1+json"},
                   {"digest", "sha256:" + sha256_hex(manifest)},
                   {"size", manifest.size()},
                   {"platform", {{"os", "linux"}, {"architecture", architecture}}}}}}}
        .dump();
  }

  std::string layer() const {
    const std::string digest = Json::parse(manifest)["layers"][0]["digest"];
    return digest.substr(7);
  }

  std::string error(const std::string& name = "localhost/p:1") {
    return message_of(store.import_pulled(pulled, name));
  }
};

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(pulled, Fixture)

BOOST_AUTO_TEST_CASE(an_image_keeps_the_registry_s_digest) {
  const auto image = store.import_pulled(pulled, "localhost/p:1");
  BOOST_REQUIRE_MESSAGE(image, message_of(image));
  BOOST_TEST(image->digest == "sha256:" + sha256_hex(manifest));
  BOOST_TEST(slurp(image->layers[0] / "a") == "text");
}

BOOST_AUTO_TEST_CASE(an_index_is_what_the_tag_stands_for) {
  const std::string text = index(podsd::image::node_architecture());
  spill(pulled / "manifest", text);
  const std::string name = "localhost/p@sha256:" + sha256_hex(text);
  const auto image = store.import_pulled(pulled, name);
  BOOST_REQUIRE_MESSAGE(image, message_of(image));
  BOOST_TEST(image->digest == "sha256:" + sha256_hex(text));
  BOOST_TEST(store.find(name)->has_value());
}

BOOST_AUTO_TEST_CASE(an_index_without_the_image_is_refused) {
  spill(pulled / "manifest", index("s390x"));
  BOOST_TEST(has(error(), "no image for linux/"));
  Json other = Json::parse(index(podsd::image::node_architecture()));
  other["manifests"][0]["digest"] = "sha256:" + std::string(64, '0');
  spill(pulled / "manifest", other.dump());
  BOOST_TEST(has(error(), "does not name for this platform"));
}

BOOST_AUTO_TEST_CASE(another_image_than_the_registry_named_is_refused) {
  spill(pulled / "manifest", manifest + " ");
  BOOST_TEST(has(error(), "another image than the one asked for"));
}

BOOST_AUTO_TEST_CASE(another_digest_than_the_reference_s_is_refused) {
  BOOST_TEST(has(error("localhost/p@sha256:" + std::string(64, '0')), "digest is sha256:"));
}

BOOST_AUTO_TEST_CASE(blobs_are_verified) {
  std::string bytes = slurp(pulled / "image" / layer());
  bytes[bytes.size() / 2] ^= 1;
  spill(pulled / "image" / layer(), bytes);
  BOOST_TEST(has(error(), "layer sha256:"));
  spill(pulled / "image" / layer(), bytes + "x");
  BOOST_TEST(has(error(), layer()));
  fs::remove(pulled / "image" / layer());
  BOOST_TEST(has(error(), layer()));
}

BOOST_AUTO_TEST_CASE(symlinks_lead_nowhere) {
  const std::string bytes = slurp(pulled / "image" / layer());
  spill(path / "outside", bytes);
  fs::remove(pulled / "image" / layer());
  fs::create_symlink(path / "outside", pulled / "image" / layer());
  BOOST_TEST(has(error(), "No such file"));
  fs::rename(pulled / "image", path / "image");
  fs::create_symlink(path / "image", pulled / "image");
  BOOST_TEST(has(error(), "cannot open folder"));
}

BOOST_AUTO_TEST_CASE(a_plain_directory_is_a_source) {
  const auto image = store.import("dir:" + (pulled / "image").string(), "localhost/plain:1");
  BOOST_REQUIRE_MESSAGE(image, message_of(image));
  BOOST_TEST(image->digest == "sha256:" + sha256_hex(manifest));
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(transfer)

BOOST_AUTO_TEST_CASE(requests_are_read_back) {
  const auto back = podsd::image::parse_request(podsd::image::request_text({"localhost/a:1", "sha256:0"}));
  BOOST_REQUIRE(back);
  BOOST_TEST(back->reference == "localhost/a:1");
  BOOST_TEST(back->have == "sha256:0");
  for (const char* bad : {"", "[]", "{}", R"({"reference": 1})", R"({"reference": ""})"})
    BOOST_TEST(!podsd::image::parse_request(bad).has_value());
}

BOOST_AUTO_TEST_CASE(skopeo_wants_no_tag_beside_a_digest) {
  const std::string digest = "@sha256:" + std::string(64, 'a');
  BOOST_TEST(podsd::image::transport_name("h:5000/a:1" + digest) == "docker://h:5000/a" + digest);
  BOOST_TEST(podsd::image::transport_name("h:5000/a:1") == "docker://h:5000/a:1");
}

BOOST_AUTO_TEST_CASE(skopeo_s_words) {
  using podsd::image::skopeo_error;
  const std::pair<const char*, const char*> rows[] = {
      {R"(time="2026" level=fatal msg="Error parsing image name \"docker://a:1\": reading manifest 1: unknown")",
       "reading manifest 1: unknown"},
      {R"(time="2026" level=warning msg="slow"
time="2026" level=fatal msg="writing blob: no space")",
       "writing blob: no space"},
      {"usage\nunknown flag: --x\n", "unknown flag: --x"},
      {"level=fatal msg=\"a\tb\x1b[31m\"", "a b [31m"},
      {"", "skopeo says nothing"},
  };
  for (const auto& [text, want] : rows) BOOST_TEST(skopeo_error(text) == want);
  BOOST_TEST(skopeo_error(std::string(5000, 'x')).size() < 1100U);
}

BOOST_AUTO_TEST_SUITE_END()
