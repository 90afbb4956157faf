// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>

#include <boost/test/unit_test.hpp>

#include <cerrno>
#include <cstring>

#include "agent/image/contents_text.hpp"
#include "agent/image/digest.hpp"
#include "tests/agent/image/layout.hpp"

using namespace podsd;
using namespace podsd::image;
using namespace podsd::test;

namespace {

Contents an_image() {
  Contents contents;
  contents.manifest = {oci_manifest_type, "{\"manifest\": \"5:text\"}"};
  contents.document = {oci_config_type, std::string("{}\0\n", 4)};
  contents.digest = "sha256:" + sha256_hex(contents.manifest.text);
  contents.id = "sha256:" + sha256_hex(contents.document.text);
  contents.config = {{"/entry"}, {"a", ""}, {"A=1:2"}, "user", "/work", "TERM"};
  const std::string hex(64, 'a'), other(64, 'b');
  contents.layers = {{"blobs/" + hex, {"blob", 12, hex}, true, oci_layer_type, hex, {}},
                     {"layer.tar", {"layer.tar", {}, {}}, false, "", other, {}}};
  number_chain(contents.layers);
  contents.name = "localhost/a:1";
  return contents;
}

bool is_refused(Contents contents) {
  return !parse_contents(contents_text(contents));
}

}  // namespace

BOOST_AUTO_TEST_SUITE(contents)

BOOST_AUTO_TEST_CASE(what_was_written_is_read) {
  const Contents wanted = an_image();
  const auto found = parse_contents(contents_text(wanted));
  BOOST_REQUIRE(found);
  BOOST_TEST(contents_text(*found) == contents_text(wanted));
  BOOST_TEST(found->layers[0].chain_id == wanted.layers[0].chain_id);
  BOOST_TEST(found->layers[1].chain_id == wanted.layers[1].chain_id);
  BOOST_TEST(found->layers[0].blob.size.value() == 12U);
  BOOST_TEST(!found->layers[1].blob.hex.has_value());
  BOOST_TEST(found->name.value() == "localhost/a:1");
}

BOOST_AUTO_TEST_CASE(lies_are_refused) {
  Contents contents = an_image();
  contents.document.text += " ";
  BOOST_TEST(is_refused(contents));
  contents = an_image();
  contents.manifest.text += " ";
  BOOST_TEST(is_refused(contents));
  contents = an_image();
  contents.manifest.text.clear();
  BOOST_TEST(is_refused(contents));
  contents = an_image();
  contents.layers[0].diff_id = "../../../etc";
  BOOST_TEST(is_refused(contents));
  contents = an_image();
  contents.layers[0].blob.hex = "../" + std::string(61, 'a');
  BOOST_TEST(is_refused(contents));
  contents = an_image();
  contents.config.env = {std::string("A=\0", 3)};
  BOOST_TEST(is_refused(contents));
  contents = an_image();
  contents.layers.clear();
  BOOST_TEST(is_refused(contents));
  contents = an_image();
  contents.layers.resize(max_layers + 1, contents.layers[0]);
  BOOST_TEST(is_refused(contents));
}

BOOST_AUTO_TEST_CASE(cut_and_lengthened_texts_are_refused) {
  const std::string text = contents_text(an_image());
  for (std::size_t size = 0; size < text.size(); ++size)
    BOOST_TEST(!parse_contents(text.substr(0, size)), "cut to " << size);
  BOOST_TEST(!parse_contents(text + "0:"));
  BOOST_TEST(!parse_contents("99999999999999999999:" + text));
  BOOST_TEST(!parse_contents("18446744073709551615:" + text));
}

BOOST_AUTO_TEST_CASE(documents_are_read_where_nothing_can_be_written) {
  Scratch scratch;
  auto store = Store::open(scratch.path / "store");
  BOOST_REQUIRE(store);
  auto folders = Folders::open(scratch.path / "store");
  BOOST_REQUIRE(folders);
  const std::string outside = scratch.path / "outside";
  const auto found = read_confined(*folders, {}, [&]() -> Result<Contents> {
    const UniqueFd fd(::open(outside.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
    const std::string what = fd ? "written" : std::strerror(errno);
    Contents contents = an_image();
    contents.name = what;
    return contents;
  });
  BOOST_REQUIRE(found);
  BOOST_TEST(found->name.value() == "Read-only file system");
  BOOST_TEST(!std::filesystem::exists(outside));
}

BOOST_AUTO_TEST_SUITE_END()
