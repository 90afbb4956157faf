// SPDX-License-Identifier: Apache-2.0
// The parts of dbus/ that need no bus.
#include <boost/test/unit_test.hpp>

#include "dbus/jobs.hpp"
#include "dbus/labels.hpp"
#include "dbus/probe.hpp"
#include "dbus/properties.hpp"

namespace podsd::test {

BOOST_AUTO_TEST_SUITE(pure)

BOOST_AUTO_TEST_CASE(labels_are_escaped_as_systemd_does) {
  BOOST_TEST(dbus::unit_path("pods-my_app-api.scope") ==
             "/org/freedesktop/systemd1/unit/pods_2dmy_5fapp_2dapi_2escope");
  BOOST_TEST(dbus::escape_label("0a0") == "_30a0");
  BOOST_TEST(dbus::escape_label("") == "_");
  BOOST_TEST(dbus::pod_path("default", "web") == "/org/podsd1/pod/default_2fweb");
}

BOOST_AUTO_TEST_CASE(unescaping_reverses_it_and_refuses_the_rest) {
  for (const std::string unit : {"pods-a:b.c-d.scope", "x", "\xc3\xa4", "0-._"}) {
    BOOST_TEST(dbus::unit_of_path(dbus::unit_path(unit)).value() == unit);
  }
  for (const std::string path :
       {"/org/freedesktop/systemd1", "/org/freedesktop/systemd1/unit/", "/org/freedesktop/systemd1/unit/a_2",
        "/org/freedesktop/systemd1/unit/a_zz"}) {
    BOOST_TEST(!dbus::unit_of_path(path));
  }
}

BOOST_AUTO_TEST_CASE(a_unix_socket_is_found_in_an_address) {
  BOOST_TEST(dbus::socket_path("unix:path=/run/a,guid=1;unix:path=/run/b") == "/run/a");
  BOOST_TEST(dbus::socket_path("unix:abstract=a").empty());
  BOOST_TEST(dbus::socket_path("unix:path=/a%20b").empty());
}

BOOST_AUTO_TEST_CASE(the_refused_property_is_found_as_a_whole_word) {
  const std::vector<units::Property> properties{
      {"MemoryMax", true}, {"MemoryMaxScale", true}, {"CPUQuota", true}};
  BOOST_TEST(dbus::refused_property("Cannot set property MemoryMaxScale, or unknown property.", properties) ==
             "MemoryMaxScale");
  BOOST_TEST(dbus::refused_property("unknown: 'CPUQuota'", properties) == "CPUQuota");
  BOOST_TEST(dbus::refused_property("Cannot set property Memory", properties).empty());
}

BOOST_AUTO_TEST_CASE(jobs_are_listened_to_only_while_one_is_awaited) {
  std::vector<bool> listens;
  dbus::Jobs jobs([&](bool on) { listens.push_back(on); });
  std::string result;
  {
    const auto first = jobs.expect();
    const auto second = jobs.expect();
    jobs.removed("/job/1", "failed");
    jobs.removed("/job/2", "done");
    first->wait("/job/2", [&](const std::string& r) { result = r; });
    BOOST_TEST(result == "done");
  }
  BOOST_TEST(listens == (std::vector<bool>{true, false}), boost::test_tools::per_element());
  BOOST_TEST(!jobs.busy());
}

BOOST_AUTO_TEST_CASE(one_job_may_end_two_calls_and_ends_each_once) {
  dbus::Jobs jobs([](bool) {});
  int ends = 0;
  const auto first = jobs.expect();
  const auto second = jobs.expect();
  first->wait("/job/1", [&](const std::string&) { ++ends; });
  second->wait("/job/1", [&](const std::string&) { ++ends; });
  jobs.removed("/job/1", "done");
  jobs.removed("/job/1", "done");
  BOOST_TEST(ends == 2);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace podsd::test
