// SPDX-License-Identifier: Apache-2.0
// The published interface as podsctl, busctl and a stranger see it.
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <future>

#include "dbus/manager_proxy.hpp"
#include "tests/dbus/client_fixture.hpp"

namespace podsd::test {

namespace {

/// A client with one pod published, and handlers that note what they are asked.
struct Served : Client {
  std::vector<std::string> acts;
  std::vector<dbus::Handlers::Reply> open_replies;
  bool keep_replies = false;

  Served() : Client(false) {
    connection->service().serve({
        .list_pods = [](const std::string& ns) { return Result<std::string>("[" + ns + "]"); },
        .get_pod = [](const std::string& ns, const std::string& name) -> Result<std::string> {
          if (name == "web") return ns + "/web";
          return fail("there is no pod " + name, dbus::error_no_such_pod);
        },
        .act =
            [this](dbus::Handlers::Verb verb, const std::string& ns, const std::string& name,
                   const std::string& container, dbus::Handlers::Reply reply) {
              acts.push_back(std::to_string(static_cast<int>(verb)) + " " + ns + " " + name + " " +
                             container);
              if (keep_replies) return open_replies.push_back(std::move(reply));
              if (container == "none") return reply(fail("no such container", dbus::error_no_such_container));
              reply("");
            },
    });
    connection->service().publish({"default", "web", "Pending", "pods-web.slice", "/etc/pods.d/web.yaml"});
  }

  /// Runs `work` in a thread, and the loop until it is done.
  template <typename F>
  auto beside(F work) {
    auto future = std::async(std::launch::async, std::move(work));
    BOOST_REQUIRE(
        until([&] { return future.wait_for(std::chrono::seconds(0)) == std::future_status::ready; }));
    return future.get();
  }

  /// Output of a command line, both streams, ended by its exit status.
  std::string shell(const std::string& command) {
    return beside([command] {
      std::FILE* pipe = ::popen((command + " 2>&1").c_str(), "r");
      std::string output;
      std::array<char, 512> part{};
      while (std::fgets(part.data(), part.size(), pipe) != nullptr) output += part.data();
      return output + "exit " + std::to_string(WEXITSTATUS(::pclose(pipe)));
    });
  }

  std::string busctl(const std::string& arguments, const std::string& as = "") {
    return shell(as + " busctl --address=" + bus.address() + " " + arguments);
  }

  template <typename F>
  auto with_proxy(F use) {
    return beside([address = bus.address(), use] {
      auto proxy = dbus::connect_manager(address);
      return use(**proxy);
    });
  }
};

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(service)

BOOST_FIXTURE_TEST_CASE(the_proxy_reads_pods_and_errors, Served) {
  BOOST_TEST(with_proxy([](auto& proxy) { return proxy.list_pods("kube"); }).value() == "[kube]");
  BOOST_TEST(with_proxy([](auto& proxy) { return proxy.get_pod("default", "web"); }).value() ==
             "default/web");
  const auto missing = with_proxy([](auto& proxy) { return proxy.get_pod("default", "nope"); });
  BOOST_REQUIRE(!missing);
  BOOST_TEST(missing.error().subject == "org.podsd1.Error.NoSuchPod");
  BOOST_TEST(missing.error().what == "there is no pod nope");
}

BOOST_FIXTURE_TEST_CASE(the_proxy_acts_and_waits_for_the_end, Served) {
  keep_replies = true;
  auto call = std::async(std::launch::async, [address = bus.address()] {
    return dbus::connect_manager(address).value()->act("StopPod", "default", "web", "nginx");
  });
  BOOST_REQUIRE(until([&] { return open_replies.size() == 1; }));
  BOOST_TEST(acts.back() == "1 default web nginx");
  BOOST_TEST((call.wait_for(std::chrono::milliseconds(50)) == std::future_status::timeout));
  open_replies[0]("");
  open_replies[0](fail("a second answer"));
  BOOST_REQUIRE(until([&] { return call.wait_for(std::chrono::seconds(0)) == std::future_status::ready; }));
  BOOST_TEST(call.get().has_value());

  keep_replies = false;
  const auto refused =
      with_proxy([](auto& proxy) { return proxy.act("RestartPod", "default", "web", "none"); });
  BOOST_REQUIRE(!refused);
  BOOST_TEST(refused.error().subject == "org.podsd1.Error.NoSuchContainer");
}

BOOST_FIXTURE_TEST_CASE(a_dropped_reply_and_a_throwing_handler_are_answered, Served) {
  connection->service().serve(
      {.list_pods = [](const std::string&) -> Result<std::string> { throw std::runtime_error("broken"); },
       .get_pod = nullptr,
       .act = [](auto&&...) {}});
  BOOST_TEST(has(busctl("call org.podsd1 /org/podsd1 org.podsd1.Manager ListPods s ''"), "broken"));
  BOOST_TEST(has(busctl("call org.podsd1 /org/podsd1 org.podsd1.Manager GetPod ss a b"), "still starting"));
  BOOST_TEST(has(busctl("call org.podsd1 /org/podsd1 org.podsd1.Manager StopPod sss a b ''"), "dropped"));
}

BOOST_FIXTURE_TEST_CASE(without_an_agent_or_a_bus_the_proxy_says_so, Served) {
  connection.reset();
  const auto answer = with_proxy([](auto& proxy) { return proxy.list_pods(""); });
  BOOST_REQUIRE(!answer);
  BOOST_TEST(has(answer.error().what, "not running"));
  bus.stop();
  BOOST_TEST(!dbus::connect_manager(bus.address()));
}

BOOST_FIXTURE_TEST_CASE(an_agent_that_dies_ends_the_waiting_call, Served) {
  keep_replies = true;
  auto call = std::async(std::launch::async, [address = bus.address()] {
    return dbus::connect_manager(address).value()->act("StopPod", "default", "web", "");
  });
  BOOST_REQUIRE(until([&] { return open_replies.size() == 1; }));
  connection.reset();
  open_replies[0]("");  // nobody is there to be told
  open_replies.clear();
  BOOST_TEST(!call.get());
}

BOOST_FIXTURE_TEST_CASE(objects_can_be_introspected_and_read, Served) {
  const auto manager = busctl("introspect org.podsd1 /org/podsd1");
  for (const char* name : {"org.podsd1.Manager", ".ListPods", ".GetPod", ".StartPod", ".StopPod",
                           ".RestartPod", ".Version", ".NPods"}) {
    BOOST_TEST(has(manager, name), name);
  }
  BOOST_TEST(has(busctl("tree org.podsd1"), "/org/podsd1/pod/default_2fweb"));
  const std::string pod = "org.podsd1 /org/podsd1/pod/default_2fweb org.podsd1.Pod ";
  BOOST_TEST(has(
      busctl("get-property " + pod + "Namespace Name Phase Slice Manifest"),
      "s \"default\"\ns \"web\"\ns \"Pending\"\ns \"pods-web.slice\"\ns \"/etc/pods.d/web.yaml\"\nexit 0"));
  BOOST_TEST(has(busctl("call " + pod + "Get"), "default/web"));
  BOOST_TEST(has(busctl("call " + pod + "Restart"), "exit 0"));
  BOOST_TEST(acts.back() == "2 default web ");
  BOOST_TEST(has(busctl("get-property org.podsd1 /org/podsd1 org.podsd1.Manager NPods"), "u 1"));
  connection->service().withdraw("default", "web");
  BOOST_TEST(!has(busctl("tree org.podsd1"), "web"));
  BOOST_TEST(has(busctl("get-property org.podsd1 /org/podsd1 org.podsd1.Manager NPods"), "u 0"));
}

BOOST_FIXTURE_TEST_CASE(only_what_changed_is_signalled, Served) {
  auto watcher = sdbus::createSessionBusConnectionWithAddress(bus.address());
  auto proxy = sdbus::createProxy(*watcher, "org.podsd1", "/org/podsd1/pod/default_2fweb");
  std::vector<std::string> changes;
  proxy->registerSignalHandler("org.freedesktop.DBus.Properties", "PropertiesChanged",
                               [&](sdbus::Signal& signal) {
                                 std::string interface;
                                 std::map<std::string, sdbus::Variant> properties;
                                 signal >> interface >> properties;
                                 for (const auto& [name, value] : properties)
                                   changes.push_back(name + "=" + value.get<std::string>());
                               });
  proxy->finishRegistration();
  const auto seen = [&](std::size_t count) {
    return until([&] {
      while (watcher->processPendingRequest()) {
      }
      return changes.size() >= count;
    });
  };
  dbus::PublishedPod pod{"default", "web", "Running", "pods-web.slice", "/etc/pods.d/web.yaml"};
  connection->service().publish(pod);
  connection->service().publish(pod);
  BOOST_REQUIRE(seen(1));
  pod.manifest = "/etc/pods.d/other.yaml";
  connection->service().publish(pod);
  BOOST_REQUIRE(seen(2));
  const std::vector<std::string> expected{"Phase=Running", "Manifest=/etc/pods.d/other.yaml"};
  BOOST_TEST(changes == expected, boost::test_tools::per_element());
}

BOOST_FIXTURE_TEST_CASE(only_root_may_act, Served, *boost::unit_test::precondition([](auto) {
                          return boost::test_tools::assertion_result(::geteuid() == 0);
                        })) {
  const std::string nobody = "setpriv --reuid=65534 --regid=65534 --clear-groups";
  const std::string manager = "call org.podsd1 /org/podsd1 org.podsd1.Manager ";
  BOOST_TEST(has(busctl(manager + "ListPods s ''", nobody), "exit 0"));
  BOOST_TEST(has(busctl(manager + "StopPod sss default web ''", nobody), "only root"));
  BOOST_TEST(
      has(busctl("call org.podsd1 /org/podsd1/pod/default_2fweb org.podsd1.Pod Stop", nobody), "only root"));
  BOOST_TEST(acts.empty());
  BOOST_TEST(has(busctl(manager + "StopPod sss default web ''"), "exit 0"));
  BOOST_TEST(acts.size() == 1);
}

BOOST_FIXTURE_TEST_CASE(a_pod_may_be_withdrawn_by_its_own_call, Served) {
  std::vector<std::string> others;
  connection->service().serve(
      {.list_pods = nullptr, .get_pod = nullptr, .act = [&](auto, auto ns, auto name, auto, auto reply) {
         connection->service().withdraw(ns, name);
         // Memory that was given back is taken again.
         for (std::size_t i = 0; i < 4096; ++i) others.emplace_back(16 + i / 8, 'x');
         reply("");
       }});
  BOOST_TEST(has(busctl("call org.podsd1 /org/podsd1/pod/default_2fweb org.podsd1.Pod Stop"), "exit 0"));
  BOOST_TEST(!has(busctl("tree org.podsd1"), "default_2fweb"));
}

BOOST_FIXTURE_TEST_CASE(a_pod_may_come_back_before_its_call_is_answered, Served) {
  keep_replies = true;
  auto call = std::async(std::launch::async, [address = bus.address()] {
    return std::system(
        ("busctl --address=" + address + " call org.podsd1 /org/podsd1/pod/default_2fweb org.podsd1.Pod Stop")
            .c_str());
  });
  BOOST_REQUIRE(until([&] { return open_replies.size() == 1; }));
  connection->service().withdraw("default", "web");
  connection->service().publish({"default", "web", "Running", "pods-web.slice", "/etc/pods.d/web.yaml"});
  open_replies.clear();
  BOOST_REQUIRE(until([&] { return call.wait_for(std::chrono::seconds(0)) == std::future_status::ready; }));
  BOOST_TEST(
      has(busctl("get-property org.podsd1 /org/podsd1/pod/default_2fweb org.podsd1.Pod Phase"), "Running"));
}

BOOST_FIXTURE_TEST_CASE(objects_are_there_again_after_a_bus_restart, Served) {
  systemd.emplace(bus.address());
  BOOST_REQUIRE(until([&] { return connected == 1; }));
  systemd.reset();
  bus.stop();
  BOOST_REQUIRE(until([&] { return disconnected == 1; }));
  connection->service().publish({"default", "second", "Running", "", ""});
  bus.start();
  BOOST_REQUIRE(until([&] { return has(busctl("tree org.podsd1"), "default_2fsecond"); }));
  BOOST_TEST(has(busctl("get-property org.podsd1 /org/podsd1 org.podsd1.Manager NPods"), "u 2"));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace podsd::test
