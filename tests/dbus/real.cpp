// SPDX-License-Identifier: Apache-2.0
// dbus/ against the systemd of this machine, as root. It needs a booted systemd: tests/dbus/real runs it in
// the testbed. Prints what it did and what starting a scope costs; exits with 1 at the first thing that is
// not as podsd needs it.
#include <boost/asio/io_context.hpp>

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <optional>
#include <sstream>

#include "dbus/service.hpp"
#include "dbus/systemd_client.hpp"

namespace {

using namespace podsd;
using Properties = std::vector<units::Property>;
using Names = std::vector<std::string>;
using Clock = std::chrono::steady_clock;

boost::asio::io_context io;
std::unique_ptr<dbus::Connection> connection;
int connected = 0;
int reloaded = 0;
Names stops;

void check(bool good, const std::string& what) {
  std::printf("%s %s\n", good ? "ok    " : "FAILED", what.c_str());
  std::fflush(stdout);
  if (!good) std::exit(1);
}

template <typename Condition>
bool until(Condition condition) {
  const auto end = Clock::now() + std::chrono::seconds(20);
  while (!condition()) {
    if (Clock::now() > end) return false;
    io.restart();
    io.run_one_for(std::chrono::milliseconds(50));
  }
  return true;
}

template <typename T, typename Call>
Result<T> ask(Call call) {
  bool came = false;
  Result<T> answer = fail("no answer at all");
  call(units::Done<T>([&](Result<T> result) {
    answer = std::move(result);
    came = true;
  }));
  until([&] { return came; });
  return answer;
}

template <typename T>
void must(const Result<T>& result, const std::string& what) {
  check(result.has_value(), what + (result ? "" : ": " + result.error().message()));
}

units::Systemd& systemd() {
  return connection->systemd();
}

pid_t sleeper() {
  const pid_t pid = ::fork();
  if (pid == 0) {
    ::execlp("sleep", "sleep", "600", nullptr);
    ::_exit(127);
  }
  return pid;
}

void end(pid_t pid) {
  ::kill(pid, SIGKILL);
  ::waitpid(pid, nullptr, 0);
}

std::string cgroup_of(pid_t pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/cgroup");
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

Result<Names> start(const std::string& unit, Properties properties) {
  return ask<Names>([&](auto done) { systemd().start_transient(unit, std::move(properties), done); });
}

std::string state(const std::string& unit) {
  return ask<std::string>([&](auto done) { systemd().get_string(unit, "Unit", "ActiveState", done); })
      .value_or("unknown");
}

std::string bus_name() {
  std::FILE* pipe = ::popen(
      "busctl call org.freedesktop.DBus /org/freedesktop/DBus org.freedesktop.DBus "
      "GetNameOwner s org.podsd1 | cut -d'\"' -f2",
      "r");
  char text[64] = {};
  if (std::fgets(text, sizeof text, pipe) == nullptr) text[0] = '\0';
  ::pclose(pipe);
  std::string name = text;
  while (!name.empty() && name.back() == '\n') name.pop_back();
  return name;
}

Properties scope(pid_t pid, const std::string& controller = {}) {
  Properties properties{{"Description", std::string("test scope")},
                        {"Slice", std::string("pods-web.slice")},
                        {"PIDs", std::vector<std::uint32_t>{static_cast<std::uint32_t>(pid)}},
                        {"AddRef", true},
                        {"TimeoutStopUSec", std::uint64_t{20'000'000}},
                        {"OOMPolicy", std::string("kill")},
                        {"TasksMax", std::uint64_t{100}}};
  if (!controller.empty()) properties.push_back({"Controller", controller});
  return properties;
}

void slice_and_scope(const std::string& controller) {
  const auto top = start("pods.slice", {{"Description", std::string("All pods")}});
  check(top || top.error().code == EEXIST, "pods.slice starts, or is an installed unit");
  must(start("pods-web.slice",
             {{"Description", std::string("Pod web")}, {"MemoryMax", std::uint64_t{1} << 30U}}),
       "start pods-web.slice");
  const pid_t pid = sleeper();
  auto properties = scope(pid, controller);
  properties.push_back({"NoSuchProperty", std::string("x")});
  const auto started = start("pods-web-a.scope", properties);
  must(started, "start pods-web-a.scope with an unknown property");
  check(*started == Names{"NoSuchProperty"}, "the unknown property was dropped and named");
  check(cgroup_of(pid).find("pods-web-a.scope") != std::string::npos, "the child is in its scope");
  must(ask<void>([](auto done) {
         systemd().set_properties("pods-web-a.scope",
                                  {{"MemoryMax", std::uint64_t{64} << 20U}, {"CPUWeight", std::uint64_t{17}}},
                                  done);
       }),
       "change limits");
  const auto live = start("pods-web-a.scope", scope(pid));
  check(!live && live.error().code == EEXIST, "a live scope is not replaced");
  const auto listed =
      ask<std::vector<units::UnitInfo>>([](auto done) { systemd().list_units({"pods-web*"}, done); });
  must(listed, "list units");
  check(listed->size() == 2, "two units of the pod are listed");

  std::optional<Result<void>> stopped;
  systemd().stop_unit("pods-web-a.scope", [&](const auto& result) { stopped = result; });
  check(until([] { return !stops.empty(); }) && stops[0] == "pods-web-a.scope",
        "RequestStop reaches the controller");
  check(state("pods-web-a.scope") == "deactivating", "systemd waits for the controller");
  end(pid);
  check(until([&] { return stopped.has_value(); }) && stopped->has_value(),
        "the stop job ends with the processes");
}

void pins() {
  const auto dead =
      ask<std::vector<units::UnitInfo>>([](auto done) { systemd().list_units({"pods-web-a*"}, done); });
  must(dead, "list again");
  check(dead->size() == 1, "the pinned dead scope is still there");
  pid_t pid = sleeper();
  must(start("pods-web-a.scope", scope(pid)), "start the same name again over its own pin");
  check(cgroup_of(pid).find("pods-web-a.scope") != std::string::npos, "the second child is in the scope");
  must(ask<void>([](auto done) { systemd().kill_unit("pods-web-a.scope", SIGKILL, done); }),
       "kill the scope");
  ::waitpid(pid, nullptr, 0);
  check(until([] { return state("pods-web-a.scope") != "active"; }), "the scope is dead");
  must(ask<void>([](auto done) { systemd().release_unit("pods-web-a.scope", done); }), "release the scope");
  check(until([] {
          return ask<std::vector<units::UnitInfo>>(
                     [](auto done) { systemd().list_units({"pods-web-a*"}, done); })
              ->empty();
        }),
        "a released scope is collected");
  const auto gone = start("pods-web-b.scope", scope(pid));
  check(!gone, "a dead pid is refused: " + (gone ? "" : gone.error().message()));
  must(ask<void>([](auto done) { systemd().release_unit("pods-web-b.scope", done); }),
       "release what never ran");
  must(ask<void>([](auto done) { systemd().stop_unit("pods-nosuch.scope", done); }),
       "stop a unit that is not there");
}

void measure() {
  std::vector<double> times;
  for (int i = 0; i < 100; ++i) {
    const pid_t pid = sleeper();
    const auto begin = Clock::now();
    const auto result = start("pods-web-m" + std::to_string(i) + ".scope", scope(pid));
    times.push_back(std::chrono::duration<double, std::milli>(Clock::now() - begin).count());
    if (!result) must(result, "start a measured scope");
    end(pid);
    (void)ask<void>(
        [&](auto done) { systemd().release_unit("pods-web-m" + std::to_string(i) + ".scope", done); });
  }
  std::ranges::sort(times);
  std::printf("start_transient of a scope: median %.2f ms, best %.2f, worst %.2f\n", times[50], times[0],
              times[99]);
}

void many_at_once() {
  std::vector<pid_t> pids;
  int good = 0, over = 0;
  const auto begin = Clock::now();
  for (int i = 0; i < 50; ++i) {
    pids.push_back(sleeper());
    systemd().start_transient("pods-web-n" + std::to_string(i) + ".scope", scope(pids.back()),
                              [&](const auto& result) {
                                good += result ? 1 : 0;
                                ++over;
                              });
  }
  until([&] { return over == 50; });
  const double took = std::chrono::duration<double, std::milli>(Clock::now() - begin).count();
  check(good == 50, "50 scopes at once");
  std::printf("50 scopes pipelined: %.1f ms, forks included\n", took);
  for (const pid_t pid : pids) end(pid);
}

void reload_and_reexec() {
  if (std::system("systemctl daemon-reload") != 0) check(false, "systemctl daemon-reload");
  check(until([] { return reloaded > 0; }), "daemon-reload is noticed");
  const int before = connected;
  if (std::system("systemctl daemon-reexec") != 0) check(false, "systemctl daemon-reexec");
  check(until([&] { return connected > before; }), "daemon-reexec is noticed");
  const pid_t pid = sleeper();
  must(start("pods-web-r.scope", scope(pid)), "start a scope after daemon-reexec");
  end(pid);
}

/// Runs jobs of somebody else beside an agent that has nothing to do, and counts what its loop does.
void idleness() {
  (void)ask<std::string>([](auto done) { systemd().get_string("pods.slice", "Unit", "ActiveState", done); });
  io.restart();
  while (io.poll() > 0) io.restart();
  const pid_t pid = ::fork();
  if (pid == 0) {
    ::execlp("systemd-run", "systemd-run", "--quiet", "--wait", "true", nullptr);
    ::_exit(127);
  }
  std::size_t runs = 0;
  int status = 0;
  const auto end = Clock::now() + std::chrono::seconds(20);
  while (::waitpid(pid, &status, WNOHANG) == 0 && Clock::now() < end) {
    io.restart();
    runs += io.run_for(std::chrono::milliseconds(20));
  }
  check(status == 0 && runs == 0, "others start units and the loop runs nothing: " + std::to_string(runs));
}

/// Whether a command line succeeds, run beside the loop.
bool succeeds(const std::string& command) {
  const pid_t pid = ::fork();
  if (pid == 0) {
    ::execlp("sh", "sh", "-c", (command + " >/dev/null 2>&1").c_str(), nullptr);
    ::_exit(127);
  }
  int status = -1;
  until([&] { return ::waitpid(pid, &status, WNOHANG) == pid; });
  return status == 0;
}

void bus_policy() {
  connection->service().serve({.list_pods = [](const auto&) { return Result<std::string>("[]"); },
                               .get_pod = [](const auto&, const auto&) { return Result<std::string>("{}"); },
                               .act = [](auto, auto, auto, auto, auto reply) { reply(""); }});
  connection->service().publish({"default", "web", "Running", "pods-web.slice", ""});
  const std::string nobody = "setpriv --reuid=65534 --regid=65534 --clear-groups ";
  const std::string manager = "busctl call org.podsd1 /org/podsd1 org.podsd1.Manager ";
  const std::string pod = " org.podsd1 /org/podsd1/pod/default_2fweb ";
  check(succeeds(manager + "ListPods s ''"), "root lists");
  check(succeeds(manager + "StopPod sss default web ''"), "root stops");
  check(succeeds(nobody + manager + "ListPods s ''"), "others list");
  check(succeeds(nobody + manager + "GetPod ss default web"), "others get");
  check(succeeds(nobody + "busctl call" + pod + "org.podsd1.Pod Get"), "others get by object");
  check(succeeds(nobody + "busctl introspect" + pod), "others introspect");
  check(succeeds(nobody + "busctl get-property" + pod + "org.podsd1.Pod Phase"), "others read properties");
  check(!succeeds(nobody + manager + "StopPod sss default web ''"), "others do not stop");
  check(!succeeds(nobody + "busctl call" + pod + "org.podsd1.Pod Stop"), "others do not stop by object");
}

void bus_restart() {
  const int before = connected;
  (void)succeeds("systemctl restart dbus");
  check(until([&] { return connected > before; }), "a restart of the bus is survived");
  const pid_t pid = sleeper();
  must(start("pods-web-s.scope", scope(pid)), "start a scope after it");
  end(pid);
  check(succeeds("busctl call org.podsd1 /org/podsd1 org.podsd1.Manager ListPods s ''"),
        "the name is owned again");
}

}  // namespace

int main() {
  auto made = dbus::connect(io, {.address = {}, .bus_name = "org.podsd1"},
                            {.request_stop = [](const std::string& unit) { stops.push_back(unit); },
                             .connected = [] { ++connected; },
                             .disconnected = nullptr,
                             .reloaded = [] { ++reloaded; }});
  must(made, "connect to the system bus");
  connection = std::move(*made);
  check(until([] { return connected == 1; }), "connected");
  slice_and_scope(bus_name());
  pins();
  measure();
  many_at_once();
  idleness();
  reload_and_reexec();
  bus_policy();
  bus_restart();
}
