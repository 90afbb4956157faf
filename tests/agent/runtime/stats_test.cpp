// SPDX-License-Identifier: Apache-2.0
#include "agent/runtime/stats.hpp"

#include <boost/test/unit_test.hpp>
#include <map>
#include <nlohmann/json.hpp>

using namespace podsd::runtime;

BOOST_AUTO_TEST_SUITE(stats)

BOOST_AUTO_TEST_CASE(as_runc_gives_them) {
  const std::map<std::string, std::string> files = {
      {"cpu.stat",
       "usage_usec 30\nuser_usec 20\nsystem_usec 10\nnr_periods 4\nnr_throttled 2\nthrottled_usec 7\n"},
      {"memory.current", "4096\n"},
      {"memory.max", "8192\n"},
      {"memory.swap.current", "100\n"},
      {"memory.swap.max", "0\n"},
      {"memory.stat", "anon 1024\nfile 512\n"},
      {"memory.events", "low 0\nhigh 0\nmax 3\noom 1\noom_kill 1\n"},
      {"pids.current", "5\n"},
      {"pids.max", "max\n"},
      {"io.stat", "254:0 rbytes=11 wbytes=12 rios=13 wios=14 dbytes=0 dios=0\n"}};
  const auto json = stats_of([&](const std::string& file) {
    auto found = files.find(file);
    return found == files.end() ? "" : found->second;
  });
  BOOST_TEST(json["cpu"]["usage"].dump() == R"({"total":30000,"kernel":10000,"user":20000})");
  BOOST_TEST(json["cpu"]["throttling"].dump() ==
             R"({"periods":4,"throttledPeriods":2,"throttledTime":7000})");
  BOOST_TEST(json["memory"]["usage"].dump() == R"({"limit":8192,"usage":4096,"failcnt":3})");
  BOOST_TEST(json["memory"]["swap"].dump() == R"({"limit":8192,"usage":4196,"failcnt":0})");
  BOOST_TEST(json["memory"]["cache"] == 512);
  BOOST_TEST(json["memory"]["raw"].dump() == R"({"anon":1024,"file":512})");
  BOOST_TEST(json["pids"].dump() == R"({"current":5,"limit":0})");
  BOOST_TEST(json["blkio"]["ioServiceBytesRecursive"][1].dump() ==
             R"({"major":254,"minor":0,"op":"Write","value":12})");
  BOOST_TEST(json["blkio"]["ioServicedRecursive"][0].dump() ==
             R"({"major":254,"minor":0,"op":"Read","value":13})");
  BOOST_TEST(stats_of([](const std::string&) { return ""; })["pids"]["current"] == 0);
}

BOOST_AUTO_TEST_SUITE_END()
