// SPDX-License-Identifier: Apache-2.0
#include "agent/engine/seccomp.hpp"

#include <stdlib.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>

#include <fstream>

namespace podsd::engine {
namespace {

using Json = nlohmann::ordered_json;
namespace fs = std::filesystem;

std::string names_of(const Json& profile) {
  std::string out;
  for (const Json& rule : profile["syscalls"])
    for (const Json& name : rule["names"]) out += name.get<std::string>() + " ";
  return out;
}

struct Folder {
  Folder() {
    char name[] = "/tmp/profiles.XXXXXX";
    path = mkdtemp(name);
  }
  ~Folder() { fs::remove_all(path); }
  void put(const std::string& name, const std::string& text) const { std::ofstream(path / name) << text; }
  [[nodiscard]] Result<Json> read(const std::string& name) const {
    spec::SecurityContext security;
    security.seccomp = {spec::SeccompProfile::Type::localhost, name};
    return container_seccomp(security, {}, path);
  }
  fs::path path;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(seccomp)

BOOST_AUTO_TEST_CASE(conditions_are_decided_for_this_node) {
  const Json profile = Json::parse(R"({"defaultAction": "SCMP_ACT_ERRNO", "archMap": [{}], "syscalls": [
    {"names": ["always"], "action": "SCMP_ACT_ALLOW"},
    {"name": "old", "action": "SCMP_ACT_ALLOW"},
    {"names": ["admin"], "action": "SCMP_ACT_ALLOW", "includes": {"caps": ["CAP_SYS_ADMIN"]}},
    {"names": ["both"], "action": "SCMP_ACT_ALLOW", "includes": {"caps": ["CAP_SYS_ADMIN", "CAP_BPF"]}},
    {"names": ["no_admin"], "action": "SCMP_ACT_ERRNO", "errnoRet": 1, "excludes": {"caps": ["CAP_SYS_ADMIN"]}},
    {"names": ["arm"], "action": "SCMP_ACT_ALLOW", "includes": {"arches": ["arm64", "arm"]}},
    {"names": ["not_arm"], "action": "SCMP_ACT_ALLOW", "excludes": {"arches": ["arm64"]}},
    {"names": ["new"], "action": "SCMP_ACT_ALLOW", "includes": {"minKernel": "5.10"}},
    {"names": ["newer"], "action": "SCMP_ACT_ALLOW", "includes": {"minKernel": "6.2"}}]})");
  const auto here = [&](std::set<std::string, std::less<>> capabilities) {
    return names_of(resolve_profile(profile, capabilities, "amd64", "6.1.0-5-cloud").value());
  };
  BOOST_TEST(here({}) == "always old no_admin not_arm new ");
  BOOST_TEST(here({"CAP_SYS_ADMIN"}) == "always old admin not_arm new ");
  BOOST_TEST(here({"CAP_SYS_ADMIN", "CAP_BPF"}) == "always old admin both not_arm new ");
  const Json plain = resolve_profile(profile, {}, "amd64", "6.1").value();
  BOOST_TEST(!plain.contains("archMap"));
  BOOST_TEST(plain["syscalls"][2]["errnoRet"] == 1);
}

BOOST_AUTO_TEST_CASE(a_profile_of_the_node_or_none) {
  const Folder folder;
  folder.put("good.json", R"({"defaultAction": "SCMP_ACT_ALLOW"})");
  folder.put("empty.json", "");
  folder.put("array.json", "[]");
  folder.put("bare.json", "{}");
  fs::create_symlink("/etc/passwd", folder.path / "link.json");
  fs::create_directory(folder.path / "folder.json");
  BOOST_TEST(folder.read("good.json").value()["defaultAction"] == "SCMP_ACT_ALLOW");
  for (const char* bad :
       {"missing.json", "empty.json", "array.json", "bare.json", "link.json", "folder.json"}) {
    const auto read = folder.read(bad);
    BOOST_REQUIRE_MESSAGE(!read.has_value(), bad);
    BOOST_TEST(read.error().message().find(bad) != std::string::npos, read.error().message());
  }
}

BOOST_AUTO_TEST_CASE(types) {
  spec::SecurityContext security;
  BOOST_TEST(container_seccomp(security, {}, "/none").value()["defaultAction"] == "SCMP_ACT_ERRNO");
  security.privileged = true;
  BOOST_TEST(container_seccomp(security, {}, "/none").value().is_null());
  security.privileged = false;
  security.seccomp.type = spec::SeccompProfile::Type::unconfined;
  BOOST_TEST(container_seccomp(security, {}, "/none").value().is_null());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace podsd::engine
