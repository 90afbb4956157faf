// SPDX-License-Identifier: Apache-2.0
#include "agent/image/user.hpp"

#include <boost/test/unit_test.hpp>

#include "tests/agent/image/layout.hpp"
#include "tests/agent/image/memory_reader.hpp"

using namespace podsd::test;
namespace fs = std::filesystem;
using podsd::image::resolve_user;
using Ids = std::vector<std::uint32_t>;

namespace {

const std::string passwd =
    "root:x:0:0:root:/root:/bin/sh\n"
    "# comment:x:1:1::/:\n"
    "broken:x:notanumber:1::/:/bin/sh\n"
    "app:x:1000:100::/home/app:/bin/sh\n"
    "rel:x:1001:100::relative:/bin/sh\n"
    "ctl:x:1002:100::/home/\x01:/bin/sh\n"
    "wrap:x:4294967296:0::/:/bin/sh\n"
    "7:x:77:77::/seven:/bin/sh\n";
const std::string group =
    "root:x:0:\nwheel:x:10:root,app\naudio:x:20:app\nwrap:x:4294967296:app\nusers:x:100:app\nweb:x:33:\n";

struct Fixture : Scratch {
  podsd::image::Image image;

  void add_layer(const std::vector<Entry>& entries) {
    const fs::path layer = path / std::to_string(image.layers.size());
    const std::string error = unpack_error(tar(entries), layer);
    BOOST_REQUIRE_MESSAGE(error.empty(), error);
    image.layers.push_back(layer);
  }
  void add_accounts() { add_layer({file("etc/passwd", passwd), file("etc/group", group)}); }

  std::string error_of(const std::string& user) const {
    const auto info = resolve_user(image, user, {}, {});
    return info ? "" : info.error().message();
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(user, Fixture)

BOOST_AUTO_TEST_CASE(users_and_groups_resolve) {
  add_accounts();
  struct Row {
    std::string user;
    std::optional<std::uint32_t> run_as_user, run_as_group;
    std::uint32_t uid, gid;
    Ids additional;
    std::string home;
  };
  const Row table[] = {
      {"", {}, {}, 0, 0, {0, 10}, "/root"},
      {"root", {}, {}, 0, 0, {0, 10}, "/root"},
      {"app", {}, {}, 1000, 100, {100, 10, 20}, "/home/app"},
      {"1000", {}, {}, 1000, 100, {100, 10, 20}, "/home/app"},
      {"app:web", {}, {}, 1000, 33, {33, 10, 20, 100}, "/home/app"},
      {"app:5", {}, {}, 1000, 5, {5, 10, 20, 100}, "/home/app"},
      {"1234:5", {}, {}, 1234, 5, {5}, "/"},
      {"1234", {}, {}, 1234, 0, {0}, "/"},
      {"7", {}, {}, 7, 0, {0}, "/"},
      {"rel", {}, {}, 1001, 100, {100}, "/"},
      {"nobody:5", 1000, {}, 1000, 100, {100, 10, 20}, "/home/app"},
      {"app:web", {}, 6, 1000, 6, {6, 10, 20, 100}, "/home/app"},
      {"", 1234, 6, 1234, 6, {6}, "/"},
      {"4294967294", {}, {}, 4294967294, 0, {0}, "/"},
  };
  for (const Row& row : table) {
    BOOST_TEST_CONTEXT(row.user) {
      const auto info = resolve_user(image, row.user, row.run_as_user, row.run_as_group);
      BOOST_REQUIRE_MESSAGE(info, message_of(info));
      BOOST_TEST(info->uid == row.uid);
      BOOST_TEST(info->gid == row.gid);
      BOOST_TEST(info->additional_gids == row.additional);
      BOOST_TEST(info->home == row.home);
    }
  }
}

BOOST_AUTO_TEST_CASE(what_cannot_be_resolved_is_refused) {
  add_accounts();
  for (const std::string user :
       {"missing", "broken", "wrap", "ctl", "4294967295", "4294967296", "18446744073709551616", "-1",
        "app:missing", "app:wrap", "0:4294967296", "app\nroot", "1000:app:x"})
    BOOST_TEST(!error_of(user).empty(), "accepted: " << user);
  BOOST_TEST(!resolve_user(image, "", 4294967295U, {}).has_value());
  BOOST_TEST(!resolve_user(image, "", {}, 4294967295U).has_value());
}

BOOST_AUTO_TEST_CASE(an_image_without_accounts_knows_numbers_only) {
  add_layer({file("bin/app")});
  BOOST_TEST(resolve_user(image, "", {}, {}).value().home == "/");
  BOOST_TEST(resolve_user(image, "5:6", {}, {}).value().gid == 6u);
  BOOST_TEST(error_of("app").find("no such user") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(the_highest_layer_counts) {
  add_accounts();
  add_layer({file("etc/passwd", "app:x:2000:200::/new:/bin/sh\n")});
  add_layer({folder("etc")});
  BOOST_TEST(resolve_user(image, "app", {}, {}).value().uid == 2000u);
  BOOST_TEST(resolve_user(image, "app", {}, {}).value().additional_gids == (Ids{200, 10, 20, 100}));
  add_layer({file("etc/.wh.passwd", "")});
  BOOST_TEST(!error_of("app").empty());
  BOOST_TEST(resolve_user(image, "1000:web", {}, {}).value().gid == 33u);
  add_layer({file("etc/.wh..wh..opq", "")});
  BOOST_TEST(error_of("1000:web").find("no such group") != std::string::npos);
  add_layer({file("etc/group", "web:x:44:\n")});
  BOOST_TEST(resolve_user(image, "1000:web", {}, {}).value().gid == 44u);
  add_layer({file(".wh.etc", "")});
  BOOST_TEST(!error_of("1000:web").empty());
}

BOOST_AUTO_TEST_CASE(symlinks_stay_inside_the_image) {
  add_layer({file("usr/etc/passwd", passwd), symbolic_link("etc", "usr/etc")});
  add_layer({file("usr/lib/group", group), symbolic_link("usr/etc/group", "/usr/lib/group")});
  BOOST_TEST(resolve_user(image, "app:web", {}, {}).value().gid == 33u);
  add_layer({symbolic_link("usr/etc/passwd", "../../../../../../../../etc/passwd")});
  BOOST_TEST(!error_of("app").empty());
  add_layer({symbolic_link("usr/etc/passwd", "/proc/self/root/etc/passwd")});
  BOOST_TEST(error_of("root").find("no such user") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(account_files_that_are_traps) {
  add_layer({{.name = "etc/passwd", .type = '6'}});
  BOOST_TEST(error_of("0").find("not a regular file") != std::string::npos);
  add_layer({file("etc/passwd", std::string((1 << 20) + 1, 'x'))});
  BOOST_TEST(error_of("0").find("too large") != std::string::npos);
  add_layer({symbolic_link("etc/passwd", "passwd")});
  BOOST_TEST(error_of("0").find("too many symlinks") != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
