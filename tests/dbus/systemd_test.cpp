// SPDX-License-Identifier: Apache-2.0
// The systemd client against a systemd that misbehaves.
#include <cerrno>

#include "tests/dbus/client_fixture.hpp"

namespace podsd::test {

using Turn = FakeSystemd::Turn;
using Names = std::vector<std::string>;

BOOST_AUTO_TEST_SUITE(systemd_client)

BOOST_FIXTURE_TEST_CASE(a_started_unit_has_its_properties_in_their_own_types, Client) {
  const auto result = start("pods-a.scope", {{"Description", std::string("a")},
                                             {"AddRef", true},
                                             {"PIDs", std::vector<std::uint32_t>{1}},
                                             {"MemoryMax", std::uint64_t{4096}},
                                             {"After", Names{"podsd.service"}},
                                             {"AllowedCPUs", std::vector<std::uint8_t>{3}},
                                             {"Number", std::uint32_t{7}}});
  BOOST_REQUIRE(result);
  BOOST_TEST(result->empty());
  const auto calls = systemd->calls();
  BOOST_TEST(calls.back().unit == "pods-a.scope");
  const Names expected{"Description:s", "AddRef:b",       "PIDs:au", "MemoryMax:t",
                       "After:as",      "AllowedCPUs:ay", "Number:u"};
  BOOST_TEST(calls.back().properties == expected, boost::test_tools::per_element());
}

BOOST_FIXTURE_TEST_CASE(job_removed_before_the_reply_is_not_lost, Client) {
  systemd->next({Turn::Kind::early});
  BOOST_TEST(start("pods-a.scope").has_value());
}

BOOST_FIXTURE_TEST_CASE(starts_are_sent_in_order_and_finish_by_their_own_job, Client) {
  std::vector<std::string> finished;
  Names units;
  for (int i = 0; i < 5; ++i) units.push_back("pods-" + std::to_string(i) + ".scope");
  for (const auto& unit : units) {
    systemd->next({Turn::Kind::hold});
    connection->systemd().start_transient(unit, {}, [&, unit](const auto&) { finished.push_back(unit); });
  }
  BOOST_REQUIRE(until([&] { return systemd->count("StartTransientUnit") == 5; }));
  Names sent;
  for (const auto& call : systemd->calls()) {
    if (call.member == "StartTransientUnit") sent.push_back(call.unit);
  }
  BOOST_TEST(sent == units, boost::test_tools::per_element());
  BOOST_TEST(finished.empty());
  systemd->finish_held();
  BOOST_REQUIRE(until([&] { return finished.size() == 5; }));
  const Names reversed(units.rbegin(), units.rend());
  BOOST_TEST(finished == reversed, boost::test_tools::per_element());
}

BOOST_FIXTURE_TEST_CASE(a_service_that_starts_tells_its_status, Client) {
  std::vector<std::string> told;
  Answer<void> answer;
  systemd->next({Turn::Kind::hold});
  connection->systemd().start_unit(
      "pull@1.service", [&](const std::string& text) { told.push_back(text); }, answer.done());
  BOOST_REQUIRE(until([&] { return systemd->count("StartUnit") == 1; }));
  systemd->say("other.service", "of another unit");
  systemd->say("pull@1.service", "half");
  BOOST_REQUIRE(until([&] { return !told.empty(); }));
  BOOST_TEST(told == Names{"half"}, boost::test_tools::per_element());
  systemd->finish_held();
  BOOST_TEST(wait(answer).has_value());
  systemd->say("pull@1.service", "after its end");
  BOOST_TEST(start("pods-a.scope").has_value());
  BOOST_TEST(told.size() == 1U);
}

BOOST_FIXTURE_TEST_CASE(an_unknown_property_is_left_out_and_remembered_for_its_kind_of_unit, Client) {
  const std::vector<units::Property> properties{{"OOMPolicy", std::string("kill")},
                                                {"TasksMax", std::uint64_t{9}}};
  systemd->next({Turn::Kind::refuse, "Cannot set property OOMPolicy, or unknown property.",
                 "org.freedesktop.DBus.Error.PropertyReadOnly"});
  const auto first = start("pods-a.scope", properties);
  BOOST_REQUIRE(first);
  BOOST_TEST(*first == Names{"OOMPolicy"}, boost::test_tools::per_element());
  BOOST_TEST(systemd->count("StartTransientUnit") == 2);

  const auto second = start("pods-b.scope", properties);
  BOOST_REQUIRE(second);
  BOOST_TEST(*second == Names{"OOMPolicy"}, boost::test_tools::per_element());
  BOOST_TEST(systemd->count("StartTransientUnit") == 3);
  BOOST_TEST(systemd->calls().back().properties == Names{"TasksMax:t"}, boost::test_tools::per_element());

  const auto slice = start("pods-a.slice", properties);
  BOOST_REQUIRE(slice);
  BOOST_TEST(slice->empty());
}

BOOST_FIXTURE_TEST_CASE(a_refusal_that_names_no_property_of_ours_is_an_error, Client) {
  systemd->next({Turn::Kind::refuse, "Cannot set property TasksMaximum, or unknown property.",
                 "org.freedesktop.DBus.Error.PropertyReadOnly"});
  const auto result = start("pods-a.scope", {{"TasksMax", std::uint64_t{9}}});
  BOOST_REQUIRE(!result);
  BOOST_TEST(result.error().code == EROFS);
  BOOST_TEST(systemd->count("StartTransientUnit") == 1);
}

BOOST_FIXTURE_TEST_CASE(a_dead_unit_of_the_same_name_is_cleared_away_once, Client) {
  const Turn exists{Turn::Kind::refuse, "Unit pods-a.scope already exists.",
                    "org.freedesktop.systemd1.UnitExists"};
  systemd->set_state("pods-a.scope", "failed", "oom-kill");
  systemd->next(exists);
  BOOST_TEST(start("pods-a.scope").has_value());
  Names members;
  for (const auto& call : systemd->calls()) members.push_back(call.member);
  const Names expected{"Subscribe", "StartTransientUnit", "ResetFailedUnit", "UnrefUnit",
                       "StartTransientUnit"};
  BOOST_TEST(members == expected, boost::test_tools::per_element());

  systemd->next(exists);
  systemd->next(exists);
  const auto again = start("pods-a.scope");
  BOOST_REQUIRE(!again);
  BOOST_TEST(again.error().code == EEXIST);
}

BOOST_FIXTURE_TEST_CASE(a_live_unit_of_the_same_name_is_an_error_and_stays_untouched, Client) {
  systemd->set_state("pods-a.scope", "active", "success");
  systemd->next(
      {Turn::Kind::refuse, "Unit pods-a.scope already exists.", "org.freedesktop.systemd1.UnitExists"});
  const auto result = start("pods-a.scope");
  BOOST_REQUIRE(!result);
  BOOST_TEST(result.error().code == EEXIST);
  BOOST_TEST(result.error().subject == "pods-a.scope");
  BOOST_TEST(systemd->count("UnrefUnit") == 0);
  BOOST_TEST(systemd->count("StartTransientUnit") == 1);
}

BOOST_FIXTURE_TEST_CASE(a_failed_job_tells_the_units_result, Client) {
  systemd->set_state("pods-a.scope", "failed", "resources");
  systemd->next({Turn::Kind::work, "failed"});
  const auto result = start("pods-a.scope");
  BOOST_REQUIRE(!result);
  BOOST_TEST(result.error().message().find("resources") != std::string::npos);
  BOOST_TEST(result.error().message().find("failed") != std::string::npos);
}

BOOST_FIXTURE_TEST_CASE(systemds_text_and_errno_reach_the_caller, Client) {
  systemd->next({Turn::Kind::refuse, "Process with ID 77 does not exist.", "System.Error.ESRCH"});
  const auto result = start("pods-a.scope");
  BOOST_REQUIRE(!result);
  BOOST_TEST(result.error().code == ESRCH);
  BOOST_TEST(result.error().what == "StartTransientUnit: Process with ID 77 does not exist");
}

BOOST_FIXTURE_TEST_CASE(text_that_dbus_cannot_carry_is_an_error_and_sends_nothing, Client) {
  BOOST_TEST(!start("pods-a.scope", {{"Description", std::string("\xff\xfe")}}));
  BOOST_TEST(!start("pods-a.scope", {{"Description", std::string("a\0b", 3)}}));
  BOOST_TEST(!start("pods-a.scope", {{"After", Names{std::string("a\0b", 3)}}}));
  BOOST_TEST(start("pods-b.scope").has_value());
  BOOST_TEST(systemd->count("StartTransientUnit") == 1);
}

BOOST_FIXTURE_TEST_CASE(a_call_without_reply_and_a_job_without_end_meet_their_deadline, Client) {
  systemd->next({Turn::Kind::hang});
  const auto silent = start("pods-a.scope");
  BOOST_REQUIRE(!silent);
  BOOST_TEST(silent.error().code == ETIMEDOUT);
  systemd->next({Turn::Kind::hold});
  const auto endless = start("pods-b.scope");
  BOOST_REQUIRE(!endless);
  BOOST_TEST(endless.error().code == ETIMEDOUT);
  systemd->finish_held();  // too late: nobody waits for it
  BOOST_TEST(start("pods-c.scope").has_value());
}

BOOST_FIXTURE_TEST_CASE(stopping_waits_for_the_job_and_takes_a_unit_that_is_gone_for_stopped, Client) {
  Answer<void> stopped;
  systemd->next({Turn::Kind::hold});
  connection->systemd().stop_unit("pods-a.scope", stopped.done());
  BOOST_REQUIRE(until([&] { return systemd->count("StopUnit") == 1; }));
  BOOST_TEST(stopped.times == 0);
  systemd->finish_held();
  BOOST_TEST(wait(stopped).has_value());

  Answer<void> gone;
  systemd->next({Turn::Kind::refuse, "Unit pods-a.scope not loaded.", "org.freedesktop.systemd1.NoSuchUnit"});
  connection->systemd().stop_unit("pods-a.scope", gone.done());
  BOOST_TEST(wait(gone).has_value());
}

BOOST_FIXTURE_TEST_CASE(the_small_calls_work, Client) {
  auto& port = connection->systemd();
  Answer<void> kill, set, ref, release;
  Answer<std::string> state, none;
  Answer<std::vector<units::UnitInfo>> list;
  systemd->set_state("pods-a.scope", "active", "success");
  port.kill_unit("pods-a.scope", 9, kill.done());
  port.set_properties("pods-a.scope", {{"CPUWeight", std::uint64_t{17}}}, set.done());
  port.ref_unit("pods-a.scope", ref.done());
  port.release_unit("pods-a.scope", release.done());
  port.get_string("pods-a.scope", "Unit", "ActiveState", state.done());
  port.get_string("pods-b.scope", "Unit", "ActiveState", none.done());
  port.list_units({"pods-*"}, list.done());
  BOOST_TEST(wait(kill).has_value());
  BOOST_TEST(wait(set).has_value());
  BOOST_TEST(wait(ref).has_value());
  BOOST_TEST(wait(release).has_value());
  BOOST_TEST(wait(state).value() == "active");
  BOOST_TEST(!wait(none));
  BOOST_TEST(wait(list).value().at(0).name == "pods-a.scope");
  BOOST_TEST(list.result->value().at(0).active_state == "active");
}

BOOST_FIXTURE_TEST_CASE(request_stop_and_reloading_become_events, Client) {
  BOOST_REQUIRE(until([&] { return !systemd->subscriber().empty(); }));
  systemd->request_stop("pods-my_app-x.scope", systemd->subscriber());
  systemd->reload_done();
  BOOST_REQUIRE(until([&] { return reloaded == 1 && !stops.empty(); }));
  BOOST_TEST(stops == Names{"pods-my_app-x.scope"}, boost::test_tools::per_element());
}

BOOST_FIXTURE_TEST_CASE(a_request_to_stop_by_somebody_else_is_ignored, Client) {
  BOOST_REQUIRE(until([&] { return !systemd->subscriber().empty(); }));
  auto forger = sdbus::createSessionBusConnectionWithAddress(bus.address());
  auto object = sdbus::createObject(*forger, "/org/freedesktop/systemd1/unit/pods_2da_2escope");
  object->registerSignal("org.freedesktop.systemd1.Scope", "RequestStop", "");
  object->finishRegistration();
  auto signal = object->createSignal("org.freedesktop.systemd1.Scope", "RequestStop");
  signal.setDestination(systemd->subscriber());
  object->emitSignal(signal);
  // What systemd sends after it arrives after it.
  systemd->request_stop("pods-b.scope", systemd->subscriber());
  BOOST_REQUIRE(until([&] { return !stops.empty(); }));
  BOOST_TEST(stops == Names{"pods-b.scope"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace podsd::test
