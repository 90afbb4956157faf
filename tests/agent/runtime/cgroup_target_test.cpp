// SPDX-License-Identifier: Apache-2.0
// config-linux.md, "Cgroups Path".
#include "agent/runtime/cgroup_target.hpp"

#include <boost/test/unit_test.hpp>

using namespace podsd::runtime;

namespace {

std::string files(const std::string& path, bool resources = false, const std::string& own = "/user/shell") {
  auto target = cgroup_target(path, false, resources, "id", own, true);
  if (!target) return target.error().message();
  return target->is_callers() ? "caller's" : target->path;
}

std::string units(const std::string& path, bool is_root = true, const std::string& id = "id") {
  auto target = cgroup_target(path, true, false, id, "", is_root);
  return target ? target->slice + " " + target->scope : target.error().message();
}

}  // namespace

BOOST_AUTO_TEST_SUITE(cgroup_targets)

BOOST_AUTO_TEST_CASE(without_systemd) {
  BOOST_TEST(files("") == "caller's");
  BOOST_TEST(files("", true) == "/user/id");
  BOOST_TEST(files("", true, "/") == "/id");
  BOOST_TEST(files("/a//b/./c/") == "/a/b/c");
  BOOST_TEST(files("a/b") == "/user/a/b");
  BOOST_TEST(files("/") == "linux.cgroupsPath: must not be the root of all cgroups");
  BOOST_TEST(files("/a/../../b") == "linux.cgroupsPath: must not hold \"..\"");
  BOOST_TEST(files("machine.slice:a:b") == "/user/machine.slice:a:b");
}

BOOST_AUTO_TEST_CASE(with_systemd) {
  BOOST_TEST(units("machine.slice:libpod:0123") == "machine.slice libpod-0123.scope");
  BOOST_TEST(units("") == "system.slice podsd-runtime-id.scope");
  BOOST_TEST(units("", true, "a+b") == "system.slice podsd-runtime-a\\x2bb.scope");
  BOOST_TEST(units("", false) == "user.slice podsd-runtime-id.scope");
  BOOST_TEST(units("::x") == "system.slice x.scope");
  BOOST_TEST(units("-:a:b") == "-.slice a-b.scope");
  BOOST_TEST(units("a-b.slice:c:d") == "a-b.slice c-d.scope");
  BOOST_TEST(units("/a/b") == "linux.cgroupsPath: with systemd it must be SLICE:PREFIX:NAME, not /a/b");
  BOOST_TEST(units("a:b") == "linux.cgroupsPath: with systemd it must be SLICE:PREFIX:NAME, not a:b");
  BOOST_TEST(units("a:b:c:d") == "linux.cgroupsPath: with systemd it must be SLICE:PREFIX:NAME, not a:b:c:d");
  for (const char* slice : {"a", "a/b.slice", "-a.slice", "a-.slice", "a--b.slice", ".slice"})
    BOOST_TEST(units(std::string(slice) + ":b:c") ==
               "linux.cgroupsPath: no name of a slice: " + std::string(slice));
  BOOST_TEST(units("a.slice:b:") == "linux.cgroupsPath: no name of a scope: ");
  BOOST_TEST(units("a.slice:b:c d") == "linux.cgroupsPath: no name of a scope: b-c d.scope");
  BOOST_TEST(
      units("a.slice:b:" + std::string(260, 'x')).starts_with("linux.cgroupsPath: no name of a scope"));
}

BOOST_AUTO_TEST_SUITE_END()
