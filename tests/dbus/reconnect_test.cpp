// SPDX-License-Identifier: Apache-2.0
// What happens when the bus or systemd goes away and comes back, and while nothing happens.
#include <boost/asio/steady_timer.hpp>

#include <cerrno>

#include "tests/dbus/client_fixture.hpp"

namespace podsd::test {

using Turn = FakeSystemd::Turn;

BOOST_AUTO_TEST_SUITE(reconnect)

BOOST_AUTO_TEST_CASE(no_bus_and_a_taken_name_are_errors) {
  boost::asio::io_context io;
  dbus::ClientOptions options;
  options.address = "unix:path=/nonexistent/socket";
  BOOST_TEST(!dbus::connect(io, options, {}));

  PrivateBus bus;
  options.address = bus.address();
  options.bus_name = "org.podsd1";
  const auto first = dbus::connect(io, options, {});
  BOOST_REQUIRE(first);
  const auto second = dbus::connect(io, options, {});
  BOOST_REQUIRE(!second);
  BOOST_TEST(second.error().subject == "org.podsd1");
}

BOOST_FIXTURE_TEST_CASE(a_bus_restart_fails_the_calls_and_connects_again, Client) {
  Answer<std::vector<std::string>> running;
  systemd->next({Turn::Kind::hold});
  connection->systemd().start_transient("pods-a.scope", {}, running.done());
  BOOST_REQUIRE(until([&] { return systemd->count("StartTransientUnit") == 1; }));
  systemd.reset();
  bus.stop();
  BOOST_REQUIRE(!wait(running));
  BOOST_REQUIRE(until([&] { return disconnected == 1; }));

  const auto without_bus = start("pods-b.scope");
  BOOST_REQUIRE(!without_bus);
  BOOST_TEST(without_bus.error().code == ENOTCONN);

  bus.start();
  systemd.emplace(bus.address());
  BOOST_REQUIRE(until([&] { return connected == 2; }));
  BOOST_REQUIRE(until([&] { return systemd->count("Subscribe") == 1; }));
  BOOST_TEST(start("pods-c.scope").has_value());
  BOOST_TEST(disconnected == 1);
}

BOOST_FIXTURE_TEST_CASE(a_systemd_that_comes_back_is_subscribed_to_again, Client) {
  Answer<std::vector<std::string>> running;
  systemd->next({Turn::Kind::hang});
  connection->systemd().start_transient("pods-a.scope", {}, running.done());
  BOOST_REQUIRE(until([&] { return systemd->count("StartTransientUnit") == 1; }));
  systemd.reset();
  BOOST_REQUIRE(!wait(running));

  systemd.emplace(bus.address());
  BOOST_REQUIRE(until([&] { return connected == 2 && systemd->count("Subscribe") == 1; }));
  BOOST_TEST(start("pods-b.scope").has_value());
  BOOST_TEST(disconnected == 0);
}

BOOST_FIXTURE_TEST_CASE(a_job_that_ended_while_systemd_was_away_is_judged_by_the_unit, Client) {
  Answer<std::vector<std::string>> good, bad;
  systemd->next({Turn::Kind::hold});
  systemd->next({Turn::Kind::hold});
  connection->systemd().start_transient("pods-a.scope", {}, good.done());
  connection->systemd().start_transient("pods-b.scope", {}, bad.done());
  // Both replies are there when one that was asked for after them is.
  Answer<void> after;
  connection->systemd().ref_unit("pods-a.scope", after.done());
  BOOST_REQUIRE(wait(after));
  systemd.reset();
  systemd.emplace(bus.address(), [](FakeSystemd& fake) {
    fake.set_state("pods-a.scope", "active", "success");
    fake.set_state("pods-b.scope", "failed", "resources");
  });
  BOOST_TEST(wait(good).has_value());
  BOOST_REQUIRE(!wait(bad));
  BOOST_TEST(bad.result->error().message().find("resources") != std::string::npos);
}

// A socket unit accepts connections for a daemon that is not there yet.
BOOST_FIXTURE_TEST_CASE(a_bus_that_accepts_and_says_nothing_does_not_stop_the_loop, Client) {
  systemd.reset();
  bus.stop();
  {
    const MuteListener mute(bus);
    BOOST_REQUIRE(until([&] { return disconnected == 1; }));
    const auto begin = std::chrono::steady_clock::now();
    BOOST_REQUIRE(until([&] { return mute.has_client(); }));
    BOOST_TEST(!start("pods-a.scope"));
    BOOST_TEST((std::chrono::steady_clock::now() - begin < std::chrono::seconds(2)));
  }
  bus.start();
  systemd.emplace(bus.address());
  BOOST_TEST(until([&] { return connected == 2; }));
}

BOOST_AUTO_TEST_CASE(a_bus_before_systemd_is_waited_on) {
  Client client(false);
  BOOST_TEST(client.connected == 0);
  client.systemd.emplace(client.bus.address());
  BOOST_TEST(client.until([&] { return client.connected == 1; }));
}

BOOST_FIXTURE_TEST_CASE(a_connection_may_end_with_calls_under_way, Client) {
  Answer<std::vector<std::string>> running;
  systemd->next({Turn::Kind::hang});
  connection->systemd().start_transient("pods-a.scope", {}, running.done());
  BOOST_REQUIRE(until([&] { return systemd->count("StartTransientUnit") == 1; }));
  connection.reset();
  io.restart();
  io.poll();
  BOOST_TEST(running.times == 0);
}

// Jobs of the rest of the machine reach the agent only while it waits for one of its own.
BOOST_FIXTURE_TEST_CASE(an_idle_connection_runs_nothing, Client) {
  BOOST_TEST(start("pods-a.scope").has_value());
  const auto settle = [this] {
    Answer<std::string> none;
    connection->systemd().get_string("x.scope", "Unit", "ActiveState", none.done());
    wait(none);
    io.restart();
    while (io.poll_one() > 0) io.restart();
  };
  settle();
  for (int i = 0; i < 10; ++i) systemd->job_of_others();
  int runs = 0;
  io.restart();
  const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(300);
  while (std::chrono::steady_clock::now() < end) runs += static_cast<int>(io.run_one_until(end));
  BOOST_TEST(runs == 0);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace podsd::test
