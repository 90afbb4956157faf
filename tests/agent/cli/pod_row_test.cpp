// SPDX-License-Identifier: Apache-2.0
#include "agent/cli/pod_row.hpp"

#include <boost/test/unit_test.hpp>

#include "agent/kube/text.hpp"

using namespace podsd::cli;

namespace {

constexpr std::int64_t now = 1'714'564'800'000'000;

std::string at(std::int64_t seconds_ago) {
  return podsd::kube::time_text(now - seconds_ago * 1'000'000);
}

Json running(bool ready = true) {
  return {{"name", "c"},
          {"ready", ready},
          {"started", true},
          {"restartCount", 0},
          {"lastState", Json::object()},
          {"state", {{"running", {{"startedAt", at(60)}}}}}};
}

Json waiting(const std::string& reason) {
  return {
      {"name", "c"}, {"ready", false}, {"restartCount", 0}, {"state", {{"waiting", {{"reason", reason}}}}}};
}

Json ended(int code, const std::string& reason, int signal = 0) {
  Json terminated = {{"exitCode", code}};
  if (!reason.empty()) terminated["reason"] = reason;
  if (signal != 0) terminated["signal"] = signal;
  return {{"name", "c"}, {"ready", false}, {"restartCount", 0}, {"state", {{"terminated", terminated}}}};
}

Json restarted(Json container, int count, int seconds_ago) {
  container["restartCount"] = count;
  container["lastState"] = {{"terminated", {{"exitCode", 1}, {"finishedAt", at(seconds_ago)}}}};
  return container;
}

Json pod(const std::string& phase, Json init, Json containers) {
  Json out = {{"metadata", {{"name", "web"}, {"namespace", "default"}, {"creationTimestamp", at(125)}}},
              {"spec", {{"containers", Json::array()}, {"initContainers", Json::array()}}},
              {"status", {{"phase", phase}, {"conditions", Json::array()}}}};
  for (std::size_t i = 0; i < init.size(); ++i) {
    init[i]["name"] = "i" + std::to_string(i);
    out["spec"]["initContainers"].push_back({{"name", init[i]["name"]}});
  }
  for (std::size_t i = 0; i < containers.size(); ++i) out["spec"]["containers"].push_back({{"name", "c"}});
  out["status"]["initContainerStatuses"] = init;
  out["status"]["containerStatuses"] = containers;
  return out;
}

Json with_condition(Json pod, const char* type, const char* status, const char* message = "") {
  pod["status"]["conditions"].push_back({{"type", type}, {"status", status}, {"message", message}});
  return pod;
}

Json list(std::initializer_list<Json> items) {
  Json out = Json::array();
  for (const Json& item : items) out.push_back(item);
  return out;
}

struct Case {
  const char* what;
  Json pod;
  const char* ready;
  const char* status;
  const char* restarts;
};

void check(const Case& c) {
  const PodRow row = pod_row(c.pod, now);
  BOOST_TEST_CONTEXT(c.what) {
    BOOST_CHECK_EQUAL(row.ready, c.ready);
    BOOST_CHECK_EQUAL(row.status, c.status);
    BOOST_CHECK_EQUAL(row.restarts, c.restarts);
  }
}

}  // namespace

BOOST_AUTO_TEST_CASE(status_of_app_containers) {
  const Json none = Json::array();
  const Case cases[] = {
      {"just seen", pod("Pending", none, none), "0/0", "Pending", "0"},
      {"creating", pod("Pending", none, list({waiting("ContainerCreating")})), "0/1", "ContainerCreating",
       "0"},
      {"running", pod("Running", none, list({running()})), "1/1", "Running", "0"},
      {"not ready", pod("Running", none, list({running(false)})), "0/1", "Running", "0"},
      {"one of two waits", pod("Running", none, list({running(), waiting("CrashLoopBackOff")})), "1/2",
       "CrashLoopBackOff", "0"},
      {"first container speaks", pod("Running", none, list({ended(1, "Error"), waiting("CrashLoopBackOff")})),
       "0/2", "Error", "0"},
      {"out of memory", pod("Running", none, list({ended(137, "OOMKilled", 9)})), "0/1", "OOMKilled", "0"},
      {"no reason, a signal", pod("Failed", none, list({ended(143, "", 15)})), "0/1", "Signal:15", "0"},
      {"no reason, a code", pod("Failed", none, list({ended(3, "")})), "0/1", "ExitCode:3", "0"},
      {"done", pod("Succeeded", none, list({ended(0, "Completed")})), "0/1", "Completed", "0"},
      {"one done, one runs, ready",
       with_condition(pod("Running", none, list({ended(0, "Completed"), running()})), "Ready", "True"), "1/2",
       "Running", "0"},
      {"one done, one runs, not ready", pod("Running", none, list({ended(0, "Completed"), running()})), "1/2",
       "NotReady", "0"},
      {"restarts",
       pod("Running", none,
           list({restarted(running(), 2, 90), restarted(waiting("CrashLoopBackOff"), 1, 10)})),
       "1/2", "CrashLoopBackOff", "3 (10s ago)"},
  };
  for (const Case& c : cases) check(c);
}

BOOST_AUTO_TEST_CASE(status_of_init_containers) {
  const Json app = list({waiting("PodInitializing")});
  const Case cases[] = {
      {"first of two runs", pod("Pending", list({running(false), waiting("PodInitializing")}), app), "0/1",
       "Init:0/2", "0"},
      {"second of two waits", pod("Pending", list({ended(0, "Completed"), waiting("PodInitializing")}), app),
       "0/1", "Init:1/2", "0"},
      {"failed", pod("Failed", list({ended(1, "Error")}), app), "0/1", "Init:Error", "0"},
      {"failed without a reason", pod("Failed", list({ended(7, "")}), app), "0/1", "Init:ExitCode:7", "0"},
      {"killed without a reason", pod("Failed", list({ended(137, "", 9)}), app), "0/1", "Init:Signal:9", "0"},
      {"in back-off", pod("Pending", list({restarted(waiting("CrashLoopBackOff"), 4, 30)}), app), "0/1",
       "Init:CrashLoopBackOff", "4 (30s ago)"},
      {"image missing", pod("Pending", list({waiting("ErrImageNeverPull")}), app), "0/1",
       "Init:ErrImageNeverPull", "0"},
      {"all done", pod("Running", list({restarted(ended(0, "Completed"), 2, 50)}), list({running()})), "1/1",
       "Running", "0"},
      {"initialized before, run again",
       with_condition(pod("Running", list({running(false)}), list({running()})), "Initialized", "True"),
       "1/1", "Init:0/1", "0"},
  };
  for (const Case& c : cases) check(c);
}

BOOST_AUTO_TEST_CASE(sidecars_count_as_containers) {
  Json side = pod("Running", list({running()}), list({running()}));
  side["spec"]["initContainers"][0]["restartPolicy"] = "Always";
  check({"started and ready", side, "2/2", "Running", "0"});
  side["status"]["initContainerStatuses"][0] = restarted(side["status"]["initContainerStatuses"][0], 3, 20);
  check({"its restarts count", side, "2/2", "Running", "3 (20s ago)"});
  side["status"]["initContainerStatuses"][0]["started"] = false;
  check({"not yet started", side, "0/2", "Init:0/1", "3 (20s ago)"});
}

BOOST_AUTO_TEST_CASE(the_pods_own_reason) {
  Json evicted = pod("Failed", Json::array(), Json::array());
  evicted["status"]["reason"] = "Evicted";
  check({"evicted", evicted, "0/0", "Evicted", "0"});
  Json leaving = pod("Running", Json::array(), list({running()}));
  leaving["metadata"]["deletionTimestamp"] = at(1);
  check({"terminating", leaving, "1/1", "Terminating", "0"});
  leaving["status"]["phase"] = "Succeeded";
  leaving["status"]["containerStatuses"] = list({ended(0, "Completed")});
  check({"ended while leaving", leaving, "0/1", "Completed", "0"});
  Json stopping = pod("Running", Json::array(), list({running()}));
  stopping["status"]["reason"] = "Terminating";
  check({"terminating by reason", stopping, "1/1", "Terminating", "0"});
}

BOOST_AUTO_TEST_CASE(age_and_address) {
  Json web = pod("Running", Json::array(), list({running()}));
  BOOST_CHECK_EQUAL(pod_row(web, now).age, "2m5s");
  BOOST_CHECK_EQUAL(pod_row(web, now).ip, "<none>");
  web["status"]["podIPs"] = {{{"ip", "192.0.2.7"}}, {{"ip", "fd00::7"}}};
  web["spec"]["containers"][0]["ports"] = {
      {{"containerPort", 80}, {"protocol", "TCP"}},
      {{"containerPort", 80}, {"protocol", "TCP"}, {"hostPort", 8080}},
      {{"containerPort", 53}, {"protocol", "UDP"}, {"hostPort", 54}, {"hostIP", "::"}}};
  BOOST_CHECK_EQUAL(pod_row(web, now).ports, "80/TCP,8080->80/TCP,[::]:54->53/UDP");
  web["metadata"].erase("creationTimestamp");
  BOOST_CHECK_EQUAL(pod_row(web, now).age, "<unknown>");
  BOOST_CHECK_EQUAL(pod_row(web, now).ip, "192.0.2.7,fd00::7");
}

BOOST_AUTO_TEST_CASE(json_of_another_shape_is_no_trouble) {
  for (const char* text :
       {"null", "[]", "1", "\"x\"", "{}", R"({"status":[],"spec":3,"metadata":null})",
        R"({"status":{"containerStatuses":"x","initContainerStatuses":{"a":1},"conditions":7}})"}) {
    BOOST_CHECK_NO_THROW(pod_row(Json::parse(text), now));
    BOOST_CHECK_NO_THROW(pod_notes(Json::parse(text)));
  }
}

BOOST_AUTO_TEST_CASE(notes_below_the_table) {
  const Json good =
      with_condition(pod("Running", Json::array(), list({running()})), "ManifestValid", "True", "x");
  BOOST_CHECK(pod_notes(good).empty());
  const Json refused =
      with_condition(pod("Running", Json::array(), list({running()})), "ManifestValid", "False",
                     "/etc/pods.d/web.yaml:3:5: error: a: b\n/etc/pods.d/web.yaml:4:1: error: c: d");
  const std::vector<std::string> want{
      "/etc/pods.d/web.yaml:3:5: error: a: b",
      "/etc/pods.d/web.yaml:4:1: error: c: d (the last good manifest runs on)"};
  BOOST_CHECK(pod_notes(refused) == want);
  const Json unbound = with_condition(good, "LimitsBound", "False", "no controller: cpu");
  BOOST_CHECK(pod_notes(unbound) == std::vector<std::string>{"warning: no controller: cpu"});
}

BOOST_AUTO_TEST_CASE(tones) {
  for (const char* s : {"Running", "Completed"}) BOOST_CHECK(status_tone(s) == Tone::good);
  for (const char* s : {"Pending", "Init:0/2", "Terminating"}) BOOST_CHECK(status_tone(s) == Tone::busy);
  for (const char* s : {"Error", "Init:Error", "CrashLoopBackOff", "OOMKilled"})
    BOOST_CHECK(status_tone(s) == Tone::bad);
}
