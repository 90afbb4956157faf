// SPDX-License-Identifier: Apache-2.0
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "agent/image/digest.hpp"
#include "tests/agent/image/layout.hpp"

using namespace podsd::test;
namespace fs = std::filesystem;

namespace {

struct Lie {
  const char* what;
  std::function<void(ImageText&)> tell;
  std::function<void(const fs::path& layout)> spoil;
  const char* message;  ///< part of the refusal
};

std::ostream& operator<<(std::ostream& stream, const Lie& lie) {
  return stream << lie.what;
}

void nothing(ImageText&) {}
void nowhere(const fs::path&) {}

auto in_manifest(const char* pointer, Json value) {
  return [pointer, value](ImageText& image) {
    image.edit_manifest = [=](Json& manifest) { manifest[Json::json_pointer(pointer)] = value; };
  };
}

auto in_config(const char* pointer, Json value) {
  return [pointer, value](ImageText& image) {
    image.edit_config = [=](Json& config) { config[Json::json_pointer(pointer)] = value; };
  };
}

auto in_index(const char* pointer, Json value) {
  return [pointer, value](ImageText& image) {
    image.edit_index = [=](Json& index) { index[Json::json_pointer(pointer)] = value; };
  };
}

Json manifest_of(const fs::path& layout) {
  const Json index = Json::parse(slurp(layout / "index.json"));
  return Json::parse(slurp(layout / "blobs/sha256" / std::string(index["manifests"][0]["digest"]).substr(7)));
}

fs::path layer_file(const fs::path& layout) {
  return layout / "blobs/sha256" / std::string(manifest_of(layout)["layers"][0]["digest"]).substr(7);
}

void flip_byte(const fs::path& file) {
  std::string bytes = slurp(file);
  bytes[bytes.size() / 2] ^= 1;
  spill(file, bytes);
}

std::string digest_of(char c) {
  return "sha256:" + std::string(64, c);
}

std::vector<Lie> lies() {
  return {
      {"layer digest", nothing, [](const fs::path& l) { flip_byte(layer_file(l)); }, "layer sha256"},
      {"layer longer", nothing, [](const fs::path& l) { spill(layer_file(l), slurp(layer_file(l)) + "x"); },
       "size differs"},
      {"layer truncated", nothing,
       [](const fs::path& l) { spill(layer_file(l), slurp(layer_file(l)).substr(0, 50)); }, "layer sha256"},
      {"layer missing", nothing, [](const fs::path& l) { fs::remove(layer_file(l)); }, "No such file"},
      {"layer is a folder", nothing,
       [](const fs::path& l) {
         fs::remove(layer_file(l));
         fs::create_directory(layer_file(l));
       },
       "not a regular file"},
      {"declared size", in_manifest("/layers/0/size", 3), nowhere, "size differs"},
      {"declared size negative", in_manifest("/layers/0/size", -3), nowhere, "not a size"},
      {"declared size text", in_manifest("/layers/0/size", "3"), nowhere, "not a size"},
      {"digest climbs", in_manifest("/layers/0/digest", "sha256:../../../../etc/passwd"), nowhere,
       "not a sha256 digest"},
      {"digest upper case", in_manifest("/layers/0/digest", digest_of('A')), nowhere, "not a sha256 digest"},
      {"digest short", in_manifest("/layers/0/digest", "sha256:abc"), nowhere, "not a sha256 digest"},
      {"digest of another kind", in_manifest("/layers/0/digest", "md5:" + std::string(32, 'a')), nowhere,
       "not a sha256 digest"},
      {"digest no text", in_manifest("/layers/0/digest", 5), nowhere, "not a string"},
      {"media type unknown",
       in_manifest("/layers/0/mediaType", "application/vnd.oci.image.layer.v1.tar+encrypted"), nowhere,
       "unknown media type"},
      {"artifact", in_manifest("/config/mediaType", "application/vnd.cncf.helm.config.v1+json"), nowhere,
       "artifact"},
      {"config digest climbs", in_manifest("/config/digest", "sha256:../x"), nowhere, "not a sha256 digest"},
      {"config digest wrong", in_manifest("/config/digest", digest_of('0')), nowhere, "No such file"},
      {"config 5 MiB", in_manifest("/config/size", 5 << 20), nowhere, "larger than"},
      {"manifest and index at once", in_manifest("/manifests", Json::array()), nowhere,
       "neither an image manifest nor an index"},
      {"manifest's own media type", in_manifest("/mediaType", "application/vnd.oci.image.index.v1+json"),
       nowhere, "media type differs"},
      {"too many layers",
       in_manifest("/layers",
                   Json(std::vector<Json>(201, Json{{"mediaType", "application/vnd.oci.image.layer.v1.tar"},
                                                    {"digest", digest_of('0')},
                                                    {"size", 1}}))),
       nowhere, "more than 200 layers"},
      {"index nested too deeply to parse", nothing,
       [](const fs::path& l) {
         spill(l / "index.json", std::string(100'000, '[') + std::string(100'000, ']'));
       },
       "nested too deeply"},
      {"size beyond 64 bits", in_manifest("/layers/0/size", 1e30), nowhere, "not a size"},
      {"layers no list", in_manifest("/layers", "x"), nowhere, "no layers"},
      {"no layers", in_manifest("/layers", Json::array()), nowhere, "no layers"},
      {"diff id wrong", in_config("/rootfs/diff_ids/0", digest_of('0')), nowhere, "digest differs"},
      {"diff id climbs", in_config("/rootfs/diff_ids/0", "sha256:../../etc"), nowhere, "not a sha256 digest"},
      {"too few diff ids", in_config("/rootfs/diff_ids", Json::array()), nowhere,
       "1 layers, but its configuration names 0"},
      {"too many diff ids", in_config("/rootfs/diff_ids", {digest_of('0'), digest_of('1')}), nowhere,
       "names 2"},
      {"other platform", in_config("/architecture", "pdp11"), nowhere, "another platform"},
      {"other system", in_config("/os", "windows"), nowhere, "another platform"},
      {"env no list", in_config("/config/Env", "A=B"), nowhere, "not a list"},
      {"NUL in the command", in_config("/config/Cmd", {std::string("a\0b", 3)}), nowhere, "NUL"},
      {"index entry without digest",
       in_index("/manifests/0",
                Json{{"size", 3}, {"annotations", {{"org.opencontainers.image.ref.name", "1"}}}}),
       nowhere, "digest"},
      {"index size wrong", in_index("/manifests/0/size", 7), nowhere, "size differs"},
      {"manifest declared 5 MiB", in_index("/manifests/0/size", 5 << 20), nowhere, "larger than"},
      {"index without manifests", in_index("/manifests", 3), nowhere, "no such tag"},
      {"index 5 MiB", nothing,
       [](const fs::path& l) { spill(l / "index.json", "{}" + std::string(5 << 20, ' ')); }, "larger than"},
      {"index too deep", nothing,
       [](const fs::path& l) {
         spill(l / "index.json", std::string(1 << 20, '[') + std::string(1 << 20, ']'));
       },
       "nested too deeply"},
      {"index no JSON", nothing, [](const fs::path& l) { spill(l / "index.json", "{\"manifests\": ["); },
       "not a JSON document"},
      {"index missing", nothing, [](const fs::path& l) { fs::remove(l / "index.json"); },
       "not an OCI image layout"},
      {"layer climbs out", [](ImageText& i) { i.layers = {tar({file("../../../escape")})}; }, nowhere,
       "path with .."},
      {"layer no tar", [](ImageText& i) { i.layers = {std::string(5000, 'x')}; }, nowhere, "layer sha256"},
  };
}

}  // namespace

BOOST_AUTO_TEST_SUITE(hostile_image)

BOOST_DATA_TEST_CASE(a_lie_is_refused_and_leaves_nothing, boost::unit_test::data::make(lies()), lie) {
  Scratch scratch;
  ImageText image{.layers = {tar({file("a", std::string(3000, 'a')), file("b")})}};
  lie.tell(image);
  write_layout(scratch.path / "layout", image);
  lie.spoil(scratch.path / "layout");
  auto store = open_store(scratch.path / "store");
  const auto empty = describe(scratch.path / "store").size();
  const std::string error = import_error(store, "oci:" + (scratch.path / "layout").string() + ":1");
  BOOST_TEST(error.find(lie.message) != std::string::npos, lie.what << ": " << error);
  BOOST_TEST(describe(scratch.path / "store").size() == empty);
  BOOST_TEST(store.list().value().empty());
  BOOST_TEST(!fs::exists(scratch.path / "escape"));
}

BOOST_AUTO_TEST_CASE(docker_archives_are_checked_too) {
  Scratch scratch;
  auto store = open_store(scratch.path / "store");
  const fs::path archive = scratch.path / "d.tar";
  const std::string source = "docker-archive:" + archive.string();
  ImageText image{.layers = {tar({file("a")})}};
  const std::pair<std::function<void(Json&)>, const char*> table[] = {
      {[](Json& m) { m[0]["Config"] = "../../etc/passwd"; }, "not named by its digest"},
      {[](Json& m) { m[0]["Config"] = std::string(64, '0') + ".json"; }, "not in the archive"},
      {[](Json& m) { m[0]["Layers"] = {"missing/layer.tar"}; }, "not in the archive"},
      {[](Json& m) { m[0]["Layers"] = Json::array(); }, "no layers"},
      {[](Json& m) { m[0]["Layers"] = {"/etc/passwd"}; }, "not in the archive"},
      {[](Json& m) { m = Json::object(); }, "not a docker archive"},
      {[](Json& m) { m.push_back(m[0]); }, "several images"},
      {[](Json& m) { m[0]["Layers"] = {"manifest.json"}; }, "layer sha256"},
  };
  for (const auto& [edit, message] : table) {
    image.edit_manifest = edit;
    spill(archive, docker_archive(image, {"a:1"}));
    const std::string error = import_error(store, source);
    BOOST_TEST(error.find(message) != std::string::npos, message << ": " << error);
  }
  spill(archive, tar({symbolic_link("manifest.json", "manifest.json")}));
  BOOST_TEST(import_error(store, source).find("too many links") != std::string::npos);
  spill(archive, tar({symbolic_link("manifest.json", "/etc/passwd")}));
  BOOST_TEST(import_error(store, source).find("not in the archive") != std::string::npos);
  spill(archive, "no tar");
  BOOST_TEST(import_error(store, source) != "");
  BOOST_TEST(store.list().value().empty());
}

BOOST_AUTO_TEST_CASE(sources_that_are_none) {
  Scratch scratch;
  auto store = open_store(scratch.path / "store");
  BOOST_TEST(import_error(store, "ftp://alpine").find("none of oci:") != std::string::npos);
  BOOST_TEST(import_error(store, "oci:").find("no such image source") != std::string::npos);
  BOOST_TEST(store.import("oci:/nonexistent/x:1", "x").error().code == ENOENT);
  BOOST_TEST(import_error(store, "docker-archive:/dev/null").find("not a regular file") != std::string::npos);
  BOOST_TEST(import_error(store, "oci:/etc", "Bad Name").find("OCI image layout") != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
