// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/test/unit_test.hpp>

#include <optional>
#include <string>
#include <vector>

#include "dbus/service.hpp"
#include "dbus/systemd_client.hpp"
#include "tests/dbus/fake_systemd.hpp"
#include "tests/dbus/private_bus.hpp"

namespace podsd::test {

/// An answer that a test waits for; `times` catches a second one.
template <typename T>
struct Answer {
  std::optional<Result<T>> result;
  int times = 0;

  units::Done<T> done() {
    return [this](Result<T> value) {
      result = std::move(value);
      ++times;
    };
  }
};

/// A bus, a fake systemd and a connection that has told `connected` once.
struct Client {
  PrivateBus bus;
  std::optional<FakeSystemd> systemd;
  boost::asio::io_context io;
  int connected = 0;
  int disconnected = 0;
  int reloaded = 0;
  std::vector<std::string> stops;
  std::unique_ptr<dbus::Connection> connection;

  explicit Client(bool with_systemd = true) {
    if (with_systemd) systemd.emplace(bus.address());
    auto made = dbus::connect(io, options(), events());
    BOOST_REQUIRE_MESSAGE(made, (made ? "" : made.error().message()));
    connection = std::move(*made);
    if (with_systemd) BOOST_REQUIRE(until([this] { return connected == 1; }));
  }

  [[nodiscard]] dbus::ClientOptions options() const {
    dbus::ClientOptions options;
    options.address = bus.address();
    options.bus_name = "org.podsd1";
    options.call_deadline = std::chrono::milliseconds(500);
    options.job_deadline = std::chrono::milliseconds(800);
    options.first_reconnect = std::chrono::milliseconds(10);
    options.longest_reconnect = std::chrono::milliseconds(40);
    return options;
  }

  [[nodiscard]] units::SystemdEvents events() {
    return {.request_stop = [this](const std::string& unit) { stops.push_back(unit); },
            .connected = [this] { ++connected; },
            .disconnected = [this] { ++disconnected; },
            .reloaded = [this] { ++reloaded; }};
  }

  bool until(const std::function<bool()>& done) { return run_until(io, done); }

  template <typename T>
  Result<T> wait(Answer<T>& answer) {
    BOOST_REQUIRE(until([&] { return answer.times > 0; }));
    io.restart();
    io.poll();
    BOOST_TEST(answer.times == 1);
    return *answer.result;
  }

  Result<std::vector<std::string>> start(const std::string& unit,
                                         std::vector<units::Property> properties = {}) {
    Answer<std::vector<std::string>> answer;
    connection->systemd().start_transient(unit, std::move(properties), answer.done());
    BOOST_TEST(answer.times == 0);
    return wait(answer);
  }
};

}  // namespace podsd::test
