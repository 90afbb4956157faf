// SPDX-License-Identifier: Apache-2.0
#include "agent/cli/get.hpp"

#include <boost/test/unit_test.hpp>

#include "agent/cli/json_access.hpp"
#include "tests/agent/cli/fake_agent.hpp"

using namespace podsd::cli;
using podsd::cli::test::FakeAgent;
using podsd::cli::test::Screen;

namespace {

constexpr std::int64_t now = 1'714'564'800'000'000;  // 2024-05-01T12:00:00Z

std::string pod(const std::string& ns, const std::string& name, const std::string& more = "") {
  return R"({"kind":"Pod","apiVersion":"v1","metadata":{"name":")" + name + R"(","namespace":")" + ns +
         R"(","creationTimestamp":"2024-05-01T11:59:30Z"},"spec":{"containers":[{"name":"c"}]},)" +
         R"("status":{"phase":"Running","containerStatuses":[{"name":"c","ready":true,"restartCount":0,)" +
         R"("state":{"running":{"startedAt":"2024-05-01T11:59:31Z"}}}])" + more + "}}";
}

FakeAgent two_pods() {
  FakeAgent agent;
  agent.pods["default/web"] = pod("default", "web");
  agent.pods["team-a/db"] = pod("team-a", "db");
  return agent;
}

}  // namespace

BOOST_AUTO_TEST_CASE(table_of_the_default_namespace) {
  FakeAgent agent = two_pods();
  Screen screen;
  BOOST_CHECK_EQUAL(get_pods({}, agent.connect(), screen.terminal, now), Exit::done);
  BOOST_CHECK_EQUAL(screen.out.str(),
                    "NAME   READY   STATUS    RESTARTS   AGE\n"
                    "web    1/1     Running   0          30s\n");
  BOOST_CHECK_EQUAL(screen.err.str(), "");
}

BOOST_AUTO_TEST_CASE(table_of_all_namespaces_wide) {
  FakeAgent agent = two_pods();
  Screen screen;
  GetOptions options;
  options.all_namespaces = true;
  options.output = Output::wide;
  BOOST_CHECK_EQUAL(get_pods(options, agent.connect(), screen.terminal, now), Exit::done);
  BOOST_CHECK_EQUAL(
      screen.out.str(),
      "NAMESPACE   NAME   READY   STATUS    RESTARTS   AGE   IP       PORTS    SLICE\n"
      "default     web    1/1     Running   0          30s   <none>   <none>   pods-web.slice\n"
      "team-a      db     1/1     Running   0          30s   <none>   <none>   pods-team_a:db.slice\n");
}

BOOST_AUTO_TEST_CASE(nothing_is_said_to_be_nothing) {
  FakeAgent agent;
  Screen screen;
  BOOST_CHECK_EQUAL(get_pods({}, agent.connect(), screen.terminal, now), Exit::done);
  BOOST_CHECK_EQUAL(screen.out.str(), "");
  BOOST_CHECK_EQUAL(screen.err.str(), "No resources found in default namespace.\n");
}

BOOST_AUTO_TEST_CASE(a_name_that_is_not_there) {
  FakeAgent agent = two_pods();
  Screen screen;
  GetOptions options;
  options.names = {"web", "x"};
  BOOST_CHECK_EQUAL(get_pods(options, agent.connect(), screen.terminal, now), Exit::failed);
  BOOST_CHECK(screen.out.str().find("web ") != std::string::npos);
  BOOST_CHECK_EQUAL(screen.err.str(), "podsctl: pods \"x\" not found\n");
}

BOOST_AUTO_TEST_CASE(json_of_one_pod_is_the_pod) {
  FakeAgent agent = two_pods();
  Screen screen;
  GetOptions options;
  options.names = {"db"};
  options.ns = "team-a";
  options.output = Output::json;
  BOOST_CHECK_EQUAL(get_pods(options, agent.connect(), screen.terminal, now), Exit::done);
  BOOST_CHECK(Json::parse(screen.out.str()) == Json::parse(agent.pods["team-a/db"]));
}

BOOST_AUTO_TEST_CASE(json_has_what_systemd_counted) {
  FakeAgent agent = two_pods();
  agent.traffic["pods-team_a:db.slice"] = {1000, 10, 2000, 20};
  Screen screen;
  GetOptions options;
  options.all_namespaces = true;
  options.output = Output::json;
  BOOST_CHECK_EQUAL(get_pods(options, agent.connect(), screen.terminal, now), Exit::done);
  const Json got = Json::parse(screen.out.str());
  std::map<std::string, Json> counted;
  for (const Json& pod : got["items"]) {
    const std::string name = pod["metadata"]["name"];
    counted[name] = pod.contains("status") ? pod["status"].value("ipAccounting", Json()) : Json();
  }
  BOOST_CHECK(counted["db"] == Json::parse(R"({"ingressBytes": 1000, "ingressPackets": 10,
                                               "egressBytes": 2000, "egressPackets": 20})"));
  counted.erase("db");
  for (const auto& [name, json] : counted) BOOST_CHECK(json.is_null());
}

BOOST_AUTO_TEST_CASE(json_and_yaml_of_several_are_a_list) {
  FakeAgent agent = two_pods();
  GetOptions options;
  options.all_namespaces = true;
  options.output = Output::json;
  Screen json;
  BOOST_CHECK_EQUAL(get_pods(options, agent.connect(), json.terminal, now), Exit::done);
  const Json got = Json::parse(json.out.str());
  BOOST_CHECK_EQUAL(got["kind"], "List");
  BOOST_CHECK_EQUAL(got["apiVersion"], "v1");
  BOOST_CHECK_EQUAL(got["items"].size(), 2);
  options.output = Output::yaml;
  Screen yaml;
  BOOST_CHECK_EQUAL(get_pods(options, agent.connect(), yaml.terminal, now), Exit::done);
  BOOST_CHECK(yaml.out.str().starts_with("apiVersion: v1\nitems:\n- apiVersion: v1\n  kind: Pod\n"));
}

BOOST_AUTO_TEST_CASE(a_refused_edit_is_told_below_the_table) {
  FakeAgent agent;
  agent.pods["default/web"] = pod("default", "web",
                                  R"(,"conditions":[{"type":"ManifestValid","status":"False",)"
                                  R"("message":"/etc/pods.d/web.yaml:3:5: error: spec: bad"}])");
  Screen screen;
  BOOST_CHECK_EQUAL(get_pods({}, agent.connect(), screen.terminal, now), Exit::done);
  BOOST_CHECK_EQUAL(screen.err.str(),
                    "web: /etc/pods.d/web.yaml:3:5: error: spec: bad (the last good manifest runs on)\n");
}

BOOST_AUTO_TEST_CASE(an_agent_that_is_not_there) {
  for (const char* error :
       {"org.freedesktop.DBus.Error.ServiceUnknown", "org.freedesktop.DBus.Error.NameHasNoOwner"}) {
    FakeAgent agent;
    agent.connect_error = error;
    Screen screen;
    BOOST_CHECK_EQUAL(get_pods({}, agent.connect(), screen.terminal, now), Exit::failed);
    BOOST_CHECK_EQUAL(screen.err.str(), "podsctl: podsd is not running (start it: systemctl start podsd)\n");
  }
}

BOOST_AUTO_TEST_CASE(an_answer_that_is_no_json) {
  FakeAgent agent;
  agent.pods["default/web"] = "{";
  Screen screen;
  BOOST_CHECK_EQUAL(get_pods({}, agent.connect(), screen.terminal, now), Exit::failed);
  BOOST_CHECK(screen.err.str().starts_with("podsctl: "));
}
