// SPDX-License-Identifier: Apache-2.0
#include "agent/runtime/seccomp.hpp"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <linux/seccomp.h>

#include <boost/test/unit_test.hpp>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "agent/runtime/files.hpp"
#include "bundle.hpp"

namespace podsd::runtime {
namespace {

using json = nlohmann::json;
namespace fs = std::filesystem;

const json sample = {{"defaultAction", "SCMP_ACT_ALLOW"},
                     {"syscalls", {{{"names", {"getcwd"}}, {"action", "SCMP_ACT_ERRNO"}, {"errnoRet", 75}}}}};

struct Cache {
  Cache() {
    char name[] = "/tmp/filters.XXXXXX";
    path = mkdtemp(name);
  }
  ~Cache() { fs::remove_all(path); }
  [[nodiscard]] fs::path only_file() const { return fs::directory_iterator(path)->path(); }
  std::string path;
};

std::string error_of(const json& profile) {
  const auto parsed = parse_seccomp(profile.dump());
  return parsed ? "" : parsed.error().message();
}

json with(const std::string& pointer, const json& value) {
  json profile = sample;
  profile[json::json_pointer(pointer)] = value;
  return profile;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(seccomp)

BOOST_AUTO_TEST_CASE(a_profile_is_read) {
  const auto profile =
      parse_seccomp(json({{"defaultAction", "SCMP_ACT_ERRNO"},
                          {"defaultErrnoRet", 3},
                          {"architectures", {"SCMP_ARCH_X86_64"}},
                          {"flags", {"SECCOMP_FILTER_FLAG_LOG"}},
                          {"syscalls",
                           {{{"names", {"kill"}},
                             {"action", "SCMP_ACT_ALLOW"},
                             {"args", {{{"index", 1}, {"value", 9}, {"op", "SCMP_CMP_NE"}}}}}}}})
                        .dump())
          .value();
  BOOST_TEST((profile.default_action == policies::SeccompAction::error));
  BOOST_TEST(*profile.default_error == 3U);
  BOOST_TEST((profile.rules.at(0).arguments.at(0) ==
              policies::SeccompArgument{1, 9, 0, policies::SeccompOp::not_equal}));
}

BOOST_AUTO_TEST_CASE(an_errno_is_for_actions_that_have_one) {
  const std::string what = " is for SCMP_ACT_ERRNO and SCMP_ACT_TRACE only";
  BOOST_TEST(error_of(with("/defaultErrnoRet", 3)) == "config.json: linux.seccomp.defaultErrnoRet" + what);
  for (const char* action : {"SCMP_ACT_KILL", "SCMP_ACT_ALLOW", "SCMP_ACT_LOG", "SCMP_ACT_TRAP"})
    BOOST_TEST(error_of(with("/syscalls/0/action", action)) ==
                   "config.json: linux.seccomp.syscalls[0].errnoRet" + what,
               action);
  BOOST_TEST(error_of(with("/syscalls/0/action", "SCMP_ACT_TRACE")) == "");
}

BOOST_AUTO_TEST_CASE(notifications) {
  json profile = sample;
  profile["syscalls"][0] = {{"names", {"getcwd"}}, {"action", "SCMP_ACT_NOTIFY"}};
  profile["flags"] = {"SECCOMP_FILTER_FLAG_TSYNC", "SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV"};
  Cache cache;
  BOOST_TEST(seccomp_filter(profile.dump(), cache.path).value().flags ==
             (SECCOMP_FILTER_FLAG_NEW_LISTENER | SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV));
  profile["syscalls"][0]["names"].push_back("sendmsg");
  BOOST_TEST(
      error_of(profile) ==
      "config.json: linux.seccomp.syscalls must not notify of sendmsg: the runtime sends the listener by it");
  BOOST_TEST(error_of(with("/flags", {"SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV"})) ==
             "config.json: linux.seccomp.flags SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV needs SCMP_ACT_NOTIFY");
  BOOST_TEST(error_of(with("/defaultAction", "SCMP_ACT_NOTIFY")) ==
             "config.json: linux.seccomp.defaultAction must not be SCMP_ACT_NOTIFY");
  BOOST_TEST(error_of(with("/listenerMetadata", "x")) ==
             "config.json: linux.seccomp.listenerMetadata needs a listenerPath");
}

BOOST_AUTO_TEST_CASE(comparisons_of_one_argument_are_alternatives) {
  const auto profile =
      parse_seccomp(with("/syscalls/0/args", {{{"index", 0}, {"value", 1}, {"op", "SCMP_CMP_EQ"}},
                                              {{"index", 0}, {"value", 2}, {"op", "SCMP_CMP_EQ"}}})
                        .dump())
          .value();
  BOOST_REQUIRE(profile.rules.size() == 2U);
  BOOST_TEST(profile.rules[0].arguments.size() == 1U);
  BOOST_TEST(profile.rules[1].arguments[0].value == 2U);
}

BOOST_AUTO_TEST_CASE(errors_name_the_field) {
  BOOST_TEST(error_of(with("/defaultAction", "SCMP_ACT_MAYBE")) ==
             "config.json: linux.seccomp.defaultAction is not supported: SCMP_ACT_MAYBE");
  BOOST_TEST(error_of(json::object()) == "config.json: linux.seccomp.defaultAction must not be empty");
  BOOST_TEST(
      error_of(with("/syscalls/0/names", json::array())).find("linux.seccomp.syscalls[0].names must name") !=
      std::string::npos);
  BOOST_TEST(error_of(with("/syscalls/0/args", {{{"index", 6}, {"value", 1}, {"op", "SCMP_CMP_EQ"}}}))
                 .find("args[0].index") != std::string::npos);
  BOOST_TEST(error_of(with("/flags", {"SECCOMP_FILTER_FLAG_X"})).find("flags[0]") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_compiled_filter_is_kept) {
  const Cache cache;
  const auto first = seccomp_filter(sample.dump(), cache.path).value();
  const auto written = fs::last_write_time(cache.only_file());
  const auto second = seccomp_filter(sample.dump(), cache.path).value();
  BOOST_TEST(first.program == second.program);
  BOOST_TEST((fs::last_write_time(cache.only_file()) == written));
  BOOST_TEST(seccomp_filter(with("/syscalls/0/errnoRet", 76).dump(), cache.path).value().program !=
             first.program);
}

BOOST_AUTO_TEST_CASE(a_kept_filter_that_is_not_ours_is_not_used) {
  const Cache cache;
  const std::string program = seccomp_filter(sample.dump(), cache.path).value().program;
  const fs::path file = cache.only_file();
  for (const std::string& damage :
       {std::string(), std::string("x"), read_file(file, 1 << 20).value().substr(0, 60)}) {
    std::ofstream(file, std::ios::binary) << damage;
    BOOST_TEST(seccomp_filter(sample.dump(), cache.path).value().program == program);
  }
  // Of another profile with the same name of the file: the text decides.
  std::string other = read_file(file, 1 << 20).value();
  other.replace(other.find("getcwd"), 6, "getpid");
  std::ofstream(file, std::ios::binary) << other;
  BOOST_TEST(seccomp_filter(sample.dump(), cache.path).value().program == program);
  // One that others can write.
  std::ofstream(file, std::ios::binary) << read_file(file, 1 << 20).value();
  chmod(file.c_str(), 0666);
  BOOST_TEST(seccomp_filter(sample.dump(), cache.path).value().program == program);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace podsd::runtime
