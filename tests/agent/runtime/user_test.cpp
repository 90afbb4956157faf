// SPDX-License-Identifier: Apache-2.0
#include <sys/stat.h>
#include <unistd.h>

#include "bundle.hpp"

using namespace podsd::runtime;
namespace utf = boost::unit_test;

BOOST_AUTO_TEST_SUITE(user, *utf::precondition(can_run))

BOOST_AUTO_TEST_CASE(ids_and_groups_are_exactly_those_given) {
  Bundle bundle;
  bundle.config["process"]["user"] = {
      {"uid", 4000000000U}, {"gid", 1001}, {"additionalGids", {7, 8}}, {"umask", 027}};
  auto outcome = bundle.shell("grep -E '^(Uid|Gid|Groups)' /proc/self/status; umask");
  BOOST_TEST(outcome.output ==
             "Uid:\t4000000000\t4000000000\t4000000000\t4000000000\n"
             "Gid:\t1001\t1001\t1001\t1001\nGroups:\t7 8 \n0027\n");
  bundle.config["process"]["user"] = {{"uid", 0}, {"gid", 0}};
  outcome = bundle.shell("grep Groups /proc/self/status; umask");
  BOOST_TEST(outcome.output == "Groups:\t \n0022\n");
}

BOOST_AUTO_TEST_CASE(capabilities_are_exactly_those_given) {
  Bundle bundle;
  const std::string show = "grep -E '^(Cap|NoNew)' /proc/self/status | tr '\\n\\t' '  '";
  auto& process = bundle.config["process"];
  process["capabilities"] = {{"bounding", {"CAP_CHOWN", "CAP_KILL", "CAP_NET_BIND_SERVICE"}},
                             {"permitted", {"CAP_CHOWN", "CAP_NET_BIND_SERVICE"}},
                             {"effective", {"CAP_NET_BIND_SERVICE"}},
                             {"inheritable", {"CAP_NET_BIND_SERVICE"}},
                             {"ambient", {"CAP_NET_BIND_SERVICE"}}};
  process["user"]["uid"] = 1000;
  process["noNewPrivileges"] = true;
  BOOST_TEST(bundle.shell(show).output ==
             "CapInh: 0000000000000400 CapPrm: 0000000000000400 CapEff: 0000000000000400 "
             "CapBnd: 0000000000000421 CapAmb: 0000000000000400 NoNewPrivs: 1 ");
  process["capabilities"] = {
      {"bounding", {"CAP_CHOWN"}}, {"permitted", {"CAP_CHOWN"}}, {"effective", {"CAP_CHOWN"}}};
  process.erase("noNewPrivileges");
  BOOST_TEST(bundle.shell(show).output ==
             "CapInh: 0000000000000000 CapPrm: 0000000000000000 CapEff: 0000000000000000 "
             "CapBnd: 0000000000000001 CapAmb: 0000000000000000 NoNewPrivs: 0 ");
  process["user"]["uid"] = 0;
  process.erase("capabilities");
  BOOST_TEST(bundle.shell(show).output.find("CapBnd: 0000000000000000") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(working_directory_that_only_root_may_enter) {
  Bundle bundle;
  std::filesystem::create_directory(bundle.root / "private");
  chmod((bundle.root / "private").c_str(), 0700);
  bundle.config["process"]["cwd"] = "/private";
  bundle.config["process"]["user"]["uid"] = 1000;
  BOOST_TEST(bundle.shell("echo in").output == "in\n");
}

BOOST_AUTO_TEST_SUITE_END()
