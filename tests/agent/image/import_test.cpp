// SPDX-License-Identifier: Apache-2.0
#include <sys/stat.h>

#include <boost/test/unit_test.hpp>

#include "agent/image/digest.hpp"
#include "agent/image/manifest.hpp"
#include "tests/agent/image/layout.hpp"

using namespace podsd::test;
namespace fs = std::filesystem;
using podsd::image::Image;
using podsd::image::sha256_hex;

namespace {

struct Fixture : Scratch {
  fs::path layout = path / "layout";
  fs::path root = path / "store";
  std::string oci = "oci:" + layout.string();

  std::size_t stored_layers() const {
    return static_cast<std::size_t>(std::distance(fs::directory_iterator(root / "layers"), {}));
  }
  bool clean() const { return fs::is_empty(root / "staging") && fs::is_empty(root / "trash"); }
};

ImageText two_layers(const std::string& data = "upper") {
  return {
      .layers = {tar({folder("etc"), file("etc/a", "lower")}), tar({folder("etc"), file("etc/b", data)})}};
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(import, Fixture)

BOOST_AUTO_TEST_CASE(links_to_an_output_are_remembered_with_their_layer) {
  const auto opens = [&](const std::string& target, const char* name) {
    std::filesystem::remove_all(layout);
    write_layout(layout, {.layers = {tar({folder("log"), symbolic_link("log/access", target)})}});
    auto store = open_store(root);
    const auto imported = store.import(oci + ":1", name);
    BOOST_REQUIRE_MESSAGE(imported, message_of(imported));
    const auto found = open_store(root).find("docker.io/library/" + std::string(name) + ":latest");
    BOOST_REQUIRE((found && *found));
    BOOST_TEST((*found)->opens_outputs == imported->opens_outputs);
    return imported->opens_outputs;
  };
  BOOST_TEST(opens("/dev/stdout", "a"));
  BOOST_TEST(opens("/dev/stdout", "b"));  // of a layer that is there already
  BOOST_TEST(opens("/proc/self/fd/2", "c"));
  BOOST_TEST(!opens("/dev/stdin", "d"));
  BOOST_TEST(!opens("dev/stdout", "e"));
}

BOOST_AUTO_TEST_CASE(an_image_can_be_found_with_all_it_says) {
  ImageText text = two_layers();
  text.config = {{"Entrypoint", {"/bin/app"}}, {"Cmd", {"-v", "x"}},   {"Env", {"PATH=/bin", "A=b=c"}},
                 {"User", "app:web"},          {"WorkingDir", "/srv"}, {"StopSignal", "SIGQUIT"}};
  write_layout(layout, text);
  auto store = open_store(root);
  const auto imported = store.import(oci + ":1", "web");
  BOOST_REQUIRE_MESSAGE(imported, message_of(imported));
  const auto found = open_store(root).find("docker.io/library/web:latest");
  BOOST_REQUIRE((found && *found));
  for (const Image& image : {*imported, **found}) {
    BOOST_TEST(image.name == "docker.io/library/web:latest");
    BOOST_TEST(image.digest.substr(0, 7) == "sha256:");
    BOOST_TEST(fs::exists(layout / "blobs/sha256" / image.digest.substr(7)));
    BOOST_TEST(fs::exists(layout / "blobs/sha256" / image.id.substr(7)));
    BOOST_TEST(image.size == 10u);
    BOOST_TEST(image.config.entrypoint == std::vector<std::string>{"/bin/app"});
    BOOST_TEST(image.config.cmd == (std::vector<std::string>{"-v", "x"}));
    BOOST_TEST(image.config.env == (std::vector<std::string>{"PATH=/bin", "A=b=c"}));
    BOOST_TEST(image.config.user == "app:web");
    BOOST_TEST(image.config.working_dir == "/srv");
    BOOST_TEST(image.config.stop_signal == "SIGQUIT");
    BOOST_REQUIRE(image.layers.size() == 2u);
    BOOST_TEST(slurp(image.layers[0] / "etc/a") == "lower");
    BOOST_TEST(slurp(image.layers[1] / "etc/b") == "upper");
    for (const auto& layer : image.layers) BOOST_TEST(layer.string().size() <= root.string().size() + 11);
  }
  BOOST_TEST(clean());
  struct stat st {};
  BOOST_REQUIRE(::stat(root.c_str(), &st) == 0);
  BOOST_TEST((st.st_mode & 07777) == 0700u);
}

BOOST_AUTO_TEST_CASE(every_compression_and_container_gives_the_same_tree) {
  auto store = open_store(root);
  std::vector<std::string> trees;
  for (const std::string compression : {"gzip", "zstd", "none"}) {
    ImageText text = two_layers();
    text.compression = compression;
    write_layout(path / compression, text);
    spill(path / (compression + ".tar"), docker_archive(text, {"foo/bar:3"}));
    for (const auto& source : {"oci:" + (path / compression).string(),
                               "docker-archive:" + (path / (compression + ".tar")).string() + ":foo/bar:3"}) {
      const auto image = store.import(source, "localhost/x:1");
      BOOST_REQUIRE_MESSAGE(image, message_of(image));
      BOOST_TEST(describe(image->layers[1]) ==
                 describe(root / "l" / sha256_hex(text.layers[1]).substr(0, 8)));
      BOOST_TEST(stored_layers() == 2u);
      BOOST_REQUIRE(store.remove("localhost/x:1"));
      BOOST_TEST(stored_layers() == 0u);
    }
  }
}

BOOST_AUTO_TEST_CASE(the_source_may_carry_the_name) {
  auto store = open_store(root);
  ImageText text = two_layers();
  spill(path / "d.tar", docker_archive(text, {"foo/bar:3"}));
  BOOST_TEST(store.import("docker-archive:" + (path / "d.tar").string(), {}).value().name ==
             "docker.io/foo/bar:3");
  text.tag = "quay.io/a/b:2";
  write_layout(layout, text);
  BOOST_TEST(store.import(oci, {}).value().name == "quay.io/a/b:2");
  BOOST_TEST(store.import(oci + ":quay.io/a/b:2", {}).value().name == "quay.io/a/b:2");
  fs::remove_all(layout);
  write_layout(layout, two_layers());
  BOOST_TEST(store.import(oci, {}).error().message().find("carries no image name") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(tags_select_and_are_needed_among_several) {
  write_layout(layout, two_layers("one"));
  ImageText second = two_layers("two");
  second.tag = "2";
  write_layout(layout, second);
  auto store = open_store(root);
  BOOST_TEST(slurp(store.import(oci + ":2", "localhost/x:2").value().layers[1] / "etc/b") == "two");
  BOOST_TEST(slurp(store.import(oci + ":1", "localhost/x:1").value().layers[1] / "etc/b") == "one");
  BOOST_TEST(import_error(store, oci).find("several images, name one of: 1, 2") != std::string::npos);
  BOOST_TEST(store.import(oci + ":3", "x").error().message().find("no such tag") != std::string::npos);
  BOOST_TEST(stored_layers() == 3u);
  const auto list = store.list();
  BOOST_REQUIRE(list);
  BOOST_REQUIRE(list->size() == 2u);
  BOOST_TEST(list->front().name == "localhost/x:1");
}

BOOST_AUTO_TEST_CASE(an_index_of_platforms_gives_this_nodes_image) {
  write_layout(layout, two_layers("other"));
  write_layout(layout, two_layers("mine"));
  Json index = Json::parse(slurp(layout / "index.json"));
  index["manifests"][0]["platform"] = {{"os", "linux"}, {"architecture", "pdp11"}};
  index["manifests"][1]["platform"] = {{"os", "linux"}, {"architecture", podsd::image::node_architecture()}};
  for (auto& entry : index["manifests"]) entry.erase("annotations");
  const std::string nested = index.dump();
  const Json entry{{"mediaType", "application/vnd.oci.image.index.v1+json"},
                   {"digest", write_blob(layout, nested)},
                   {"size", nested.size()}};
  spill(layout / "index.json", Json{{"manifests", {entry}}}.dump());
  auto store = open_store(root);
  const auto image = store.import(oci, "x");
  BOOST_REQUIRE_MESSAGE(image, message_of(image));
  BOOST_TEST(slurp(image->layers[1] / "etc/b") == "mine");
}

BOOST_AUTO_TEST_CASE(a_name_moves_to_the_new_image_and_the_old_layers_go) {
  write_layout(layout, two_layers("one"));
  auto store = open_store(root);
  const auto old = store.import(oci, "x").value();
  fs::remove_all(layout);
  write_layout(layout, two_layers("two"));
  const auto now = store.import(oci, "x").value();
  BOOST_TEST(old.digest != now.digest);
  BOOST_TEST(store.find("x").value()->digest == now.digest);
  BOOST_TEST(old.layers[0] == now.layers[0]);
  BOOST_TEST(!fs::exists(old.layers[1]));
  BOOST_TEST(!fs::is_symlink(old.layers[1]));
  BOOST_TEST(stored_layers() == 2u);
}

BOOST_AUTO_TEST_CASE(layers_go_with_the_last_name) {
  write_layout(layout, two_layers());
  auto store = open_store(root);
  BOOST_REQUIRE(store.import(oci, "x"));
  BOOST_REQUIRE(store.import(oci, "y"));
  BOOST_REQUIRE(store.remove("x"));
  BOOST_TEST(stored_layers() == 2u);
  BOOST_TEST(!store.find("x").value().has_value());
  BOOST_TEST(store.find("y").value().has_value());
  BOOST_TEST(store.remove("x").error().code == ENOENT);
  BOOST_REQUIRE(store.remove("y"));
  BOOST_TEST(stored_layers() == 0u);
  BOOST_TEST(fs::is_empty(root / "l"));
  BOOST_TEST(clean());
}

BOOST_AUTO_TEST_CASE(a_digest_finds_the_image_and_a_wrong_one_does_not) {
  write_layout(layout, two_layers());
  auto store = open_store(root);
  const auto image = store.import(oci, "localhost/x:1").value();
  BOOST_TEST(store.find("localhost/x@" + image.digest).value().has_value());
  BOOST_TEST(!store.find("localhost/y@" + image.digest).value().has_value());
  BOOST_TEST(!store.find("localhost/x@sha256:" + std::string(64, '0')).value().has_value());
  BOOST_TEST(import_error(store, oci, "localhost/x@sha256:" + std::string(64, '0')).find("digest is") !=
             std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_layer_twice_and_an_opaque_root_suit_overlayfs) {
  ImageText text = two_layers();
  text.layers = {text.layers[0], text.layers[1], text.layers[0]};
  write_layout(layout, text);
  auto store = open_store(root);
  const auto image = store.import(oci, "x").value();
  BOOST_REQUIRE(image.layers.size() == 2u);
  BOOST_TEST(fs::exists(image.layers[1] / "etc/a"));
  fs::remove_all(layout);
  text.layers = {text.layers[0], tar({file(".wh..wh..opq", ""), file("only")})};
  write_layout(layout, text);
  const auto hidden = store.import(oci, "x").value();
  BOOST_REQUIRE(hidden.layers.size() == 1u);
  BOOST_TEST(fs::exists(hidden.layers[0] / "only"));
}

BOOST_AUTO_TEST_CASE(folders_that_a_layer_does_not_describe_stay_as_they_were) {
  Entry secret = folder("secret", 0700);
  secret.uid = 7;
  Entry other = folder("secret", 01777);
  const std::string leaning = tar({file("secret/x")});
  auto store = open_store(root);
  write_layout(path / "a", {.layers = {tar({secret}), leaning}});
  write_layout(path / "b", {.layers = {tar({other}), leaning}});
  const auto a = store.import("oci:" + (path / "a").string(), "a").value();
  const auto b = store.import("oci:" + (path / "b").string(), "b").value();
  struct stat st {};
  BOOST_REQUIRE(::stat((a.layers[1] / "secret").c_str(), &st) == 0);
  BOOST_TEST(((st.st_mode & 07777) == 0700u && st.st_uid == 7u && st.st_mtime == 1'000'000'000));
  BOOST_REQUIRE(::stat((b.layers[1] / "secret").c_str(), &st) == 0);
  BOOST_TEST(((st.st_mode & 07777) == 01777u && st.st_uid == 0u));
}

BOOST_AUTO_TEST_SUITE_END()
