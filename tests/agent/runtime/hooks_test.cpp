// SPDX-License-Identifier: Apache-2.0
// config.md "POSIX-platform Hooks", runtime.md "Lifecycle".
#include <fstream>

#include "agent/runtime/config.hpp"
#include "bundle.hpp"

using namespace podsd::runtime;
using json = nlohmann::json;
namespace utf = boost::unit_test;
namespace fs = std::filesystem;

namespace {

constexpr const char* all_kinds[] = {"prestart",       "createRuntime", "createContainer",
                                     "startContainer", "poststart",     "poststop"};

struct Hooked : Bundle {
  Hooked() {
    fs::create_directory(dir / "out");
    add_mount("/out", "bind", dir / "out", {"bind"});
    config["process"]["args"] = {"/bin/sh", "-c", "echo program >>/out/log; exec sleep 600 >/dev/null 2>&1"};
  }
  ~Hooked() { command({"delete", "--force", "test"}); }

  // A hook startContainer finds the shell and the folder under other names.
  void add(const std::string& kind, const std::string& script, const json& more = json::object()) {
    bool inside = kind == "startContainer";
    json hook = {{"path", inside ? "/bin/sh" : "/bin/busybox"},
                 {"args", {"sh", "-c", script}},
                 {"env", {"OUT=" + (inside ? std::string("/out") : (dir / "out").string()), "PATH=/bin"}}};
    hook.update(more);
    config["hooks"][kind].push_back(hook);
  }
  void add_marks() {
    for (const std::string kind : all_kinds)
      add(kind, "cat >$OUT/" + kind + ".json; echo " + kind + " >>$OUT/log");
  }
  Outcome quietly(const std::string& name) {
    write_config();
    return command({name, "test"});
  }
  std::string said() const { return slurp(dir / "out/log"); }
  json state_of(const std::string& kind) const { return json::parse(slurp(dir / "out" / (kind + ".json"))); }
  bool gone() { return status() == "container does not exist: No such file or directory"; }
};

std::string error_of(const json& hooks) {
  json config = minimal_config();
  config["hooks"] = hooks;
  auto parsed = parse_config(config.dump());
  return parsed ? "" : parsed.error().message();
}

}  // namespace

BOOST_AUTO_TEST_SUITE(hooks_config)

BOOST_AUTO_TEST_CASE(fields) {
  json config = minimal_config();
  config["hooks"] = {{"poststop", {{{"path", "/a"}, {"args", {"b"}}, {"env", {"C=d"}}, {"timeout", 5}}}},
                     {"unknown", {{{"path", "x"}}}}};
  auto parsed = parse_config(config.dump());
  BOOST_REQUIRE(parsed);
  BOOST_TEST(parsed->hooks.poststop.at(0).timeout == 5);
  BOOST_TEST(parsed->hooks.poststop.at(0).env.at(0) == "C=d");
  BOOST_TEST(parsed->hooks.later());
  BOOST_TEST(!parsed->hooks.before_program());
}

BOOST_AUTO_TEST_CASE(errors) {
  BOOST_TEST(error_of({{"prestart", {{{"path", "a"}}}}}) ==
             "config.json: hooks.prestart[0].path must be an absolute path");
  BOOST_TEST(error_of({{"prestart", {{{"args", {"a"}}}}}}) ==
             "config.json: hooks.prestart[0].path must be an absolute path");
  BOOST_TEST(error_of({{"poststart", {{{"path", "/a"}, {"timeout", 0}}}}})
                 .starts_with("config.json: hooks.poststart[0].timeout must be a whole number from 1"));
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(hooks, *utf::precondition(can_run))

BOOST_AUTO_TEST_CASE(all_in_order_with_their_states) {
  Hooked bundle;
  bundle.config["annotations"] = {{"key", "value"}};
  bundle.add_marks();
  bundle.config["process"]["terminal"] = false;
  bundle.config["process"]["args"] = {"/bin/sh", "-c", "echo program >>/out/log"};
  BOOST_TEST(bundle.run().status == 0);
  // The program and poststart run side by side.
  BOOST_TEST(bundle.said().starts_with("prestart\ncreateRuntime\ncreateContainer\nstartContainer\np"));
  BOOST_TEST(bundle.said().ends_with("poststop\n"));
  const int pid = bundle.state_of("createRuntime")["pid"];
  for (auto [kind, status, its_pid] :
       {std::tuple{"prestart", "creating", pid}, std::tuple{"createRuntime", "creating", pid},
        std::tuple{"createContainer", "creating", 1}, std::tuple{"startContainer", "created", 1},
        std::tuple{"poststart", "running", pid}, std::tuple{"poststop", "stopped", 0}}) {
    const json state = bundle.state_of(kind);
    BOOST_TEST(state["id"] == "test", kind);
    BOOST_TEST(state["status"] == status, kind);
    BOOST_TEST(state["pid"] == its_pid, kind);
    BOOST_TEST(state["bundle"] == bundle.dir.string(), kind);
    BOOST_TEST(state["annotations"]["key"] == "value", kind);
  }
}

BOOST_AUTO_TEST_CASE(each_with_its_command) {
  Hooked bundle;
  bundle.add_marks();
  bundle.write_config();
  bundle.config["process"]["args"] = {"/bin/sh", "-c", "exec sleep 600 >/dev/null 2>&1"};
  bundle.write_config();
  const std::string runtime = "exec " + std::string(std::getenv("PODSD_RUNTIME")) + " --root " +
                              (bundle.dir / "state").string() + " create -b " + bundle.dir.string() +
                              " test >/dev/null 2>&1 </dev/null";
  BOOST_TEST(std::system(runtime.c_str()) == 0);
  BOOST_TEST(bundle.said() == "prestart\ncreateRuntime\ncreateContainer\n");
  BOOST_TEST(bundle.command({"start", "test"}).status == 0);
  BOOST_TEST(bundle.said() == "prestart\ncreateRuntime\ncreateContainer\nstartContainer\npoststart\n");
  BOOST_TEST(bundle.command({"delete", "--force", "test"}).status == 0);
  BOOST_TEST(bundle.said().ends_with("poststart\npoststop\n"));
}

BOOST_AUTO_TEST_CASE(namespaces_directory_and_environment) {
  Hooked bundle;
  const std::string look = "readlink /proc/self/ns/uts >$OUT/";
  bundle.add("createRuntime", look + "runtime; pwd >$OUT/pwd; env >$OUT/env");
  bundle.add("createContainer", look + "container; ls -d $OUT");
  bundle.add("startContainer", look + "start; ls /bin/readlink");
  bundle.config["process"]["args"] = {"/bin/readlink", "/proc/self/ns/uts"};
  const auto outcome = bundle.run();
  BOOST_TEST(outcome.status == 0);
  const std::string host = fs::read_symlink("/proc/self/ns/uts").string() + "\n";
  BOOST_TEST(slurp(bundle.dir / "out/runtime") == host);
  BOOST_TEST(slurp(bundle.dir / "out/container") == outcome.output);
  BOOST_TEST(slurp(bundle.dir / "out/start") == outcome.output);
  BOOST_TEST(outcome.output != host);
  BOOST_TEST(slurp(bundle.dir / "out/pwd") == bundle.dir.string() + "\n");
  const std::string env = slurp(bundle.dir / "out/env");
  BOOST_TEST(env.find("PODSD_RUNTIME") == std::string::npos);
  BOOST_TEST(env.find("OUT=") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_failure_before_the_program_ends_it) {
  for (const std::string kind : {"prestart", "createRuntime", "createContainer", "startContainer"}) {
    Hooked bundle;
    bundle.add(kind, "echo broken >&2; exit 3");
    bundle.add(kind, "echo second >>$OUT/log");
    bundle.add("poststop", "echo poststop >>$OUT/log");
    const auto outcome = bundle.run({"--detach"});
    BOOST_TEST(outcome.status == 1, kind);
    const std::string path = kind == "startContainer" ? "/bin/sh" : "/bin/busybox";
    BOOST_TEST(outcome.message() == kind + " hook: " + path + ": ended with exit code 3: broken");
    BOOST_TEST(bundle.gone(), kind);
    BOOST_TEST(bundle.said() == "poststop\n", kind);
  }
}

BOOST_AUTO_TEST_CASE(a_failing_poststart_stops_the_container) {
  Hooked bundle;
  bundle.config["process"]["args"] = {"/bin/sh", "-c", "exec sleep 600 >/dev/null 2>&1"};
  bundle.add("poststart", "cat >$OUT/poststart.json; exit 1");
  bundle.add("poststop", "echo poststop >>$OUT/log");
  BOOST_TEST(bundle.run({"--detach"}).message() == "poststart hook: /bin/busybox: ended with exit code 1");
  BOOST_TEST(bundle.gone());
  BOOST_TEST(bundle.said() == "poststop\n");
  const std::string init = "/proc/" + std::to_string(bundle.state_of("poststart")["pid"].get<int>());
  BOOST_TEST((!fs::exists(init) || slurp(init + "/stat").find(") Z") != std::string::npos));
}

BOOST_AUTO_TEST_CASE(a_failing_poststop_warns) {
  Hooked bundle;
  bundle.config["process"]["args"] = {"/bin/true"};
  bundle.add("poststop", "exit 1");
  bundle.add("poststop", "echo second >>$OUT/log");
  const auto outcome = bundle.run();
  BOOST_TEST(outcome.status == 0);
  BOOST_TEST(json::parse(outcome.log)["level"] == "warning");
  BOOST_TEST(bundle.said() == "second\n");
  BOOST_TEST(bundle.gone());
}

BOOST_AUTO_TEST_CASE(a_hook_has_its_time) {
  Hooked bundle;
  bundle.add("createRuntime", "exec sleep 600", {{"timeout", 1}});
  BOOST_TEST(bundle.run({"--detach"}).message() ==
             "createRuntime hook: /bin/busybox: killed after its timeout of 1 s");
  BOOST_TEST(bundle.gone());
  Hooked other;
  other.add("createRuntime", "true", {{"path", "/no/such/hook"}});
  BOOST_TEST(other.run({"--detach"}).message() ==
             "createRuntime hook: /no/such/hook: ended with exit code 127: no such file or directory");
}

BOOST_AUTO_TEST_SUITE_END()
