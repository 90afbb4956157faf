// SPDX-License-Identifier: Apache-2.0
// The way podsd starts a container: podsd-sandbox spawns the runtime behind a gate, the runtime goes, the
// init becomes the sandbox's child.
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <optional>

#include "agent/sandbox/client.hpp"
#include "bundle.hpp"

using namespace podsd;
using namespace podsd::runtime;
namespace utf = boost::unit_test;
namespace fs = std::filesystem;

namespace {

// A sandbox with the client's loop, and a bundle whose root is an overlay over the busybox root.
struct Pod {
  Pod() {
    fs::create_directories(bundle.dir / "pod");
    for (const char* name : {"upper", "work", "merged"}) fs::create_directories(bundle.dir / name);
    bundle.config["root"]["path"] = "merged";
    sandbox::SandboxOptions options;
    options.program = std::getenv("PODSD_SANDBOX");
    options.dir = bundle.dir / "pod";
    options.hostname = "pod";
    auto started = sandbox::start_sandbox(options);
    BOOST_REQUIRE(started);
    process = std::move(*started);
    BOOST_REQUIRE(sandbox::open_gate(process.gate));
    client = std::move(*sandbox::connect_sandbox(io, options.dir));
    client->on_exit = [this](const sandbox::Exit& exit) { exits.push_back(exit); };
  }
  ~Pod() {
    kill(process.pid, SIGKILL);
    waitpid(process.pid, nullptr, 0);
  }

  void wait_until(const std::function<bool()>& condition) {
    auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (!condition()) {
      io.restart();
      BOOST_REQUIRE(std::chrono::steady_clock::now() < deadline);
      io.run_one_for(std::chrono::seconds(10));
    }
  }

  int exit_of(int pid) {
    std::optional<int> status;
    wait_until([&] {
      for (const auto& exit : exits)
        if (exit.pid == pid) status = exit.wait_status;
      return status.has_value();
    });
    return *status;
  }

  // Runs the container; gives the runtime's exit status.
  int start(const std::string& script) { return start_program({"/bin/sh", "-c", script}); }
  int start_program(const std::vector<std::string>& args) {
    bundle.config["process"]["args"] = args;
    auto runtime = begin();
    BOOST_REQUIRE(sandbox::open_gate(runtime.gate));
    return WEXITSTATUS(exit_of(runtime.pid));
  }
  // Only up to the gate.
  sandbox::Started begin() {
    bundle.write_config();
    auto base = bundle.dir.string();
    sandbox::SpawnRequest request;
    request.rootfs = base + "/merged";
    request.overlay_options =
        "lowerdir=" + base + "/rootfs,upperdir=" + base + "/upper,workdir=" + base + "/work";
    fs::remove_all(base + "/state");
    request.argv = {"/bin/false"};
    request.early_argv = {std::getenv("PODSD_RUNTIME"),
                          "--root",
                          base + "/state",
                          "--log",
                          base + "/log",
                          "--log-format",
                          "json",
                          "run",
                          "--detach",
                          "--bundle",
                          base,
                          "--pid-file",
                          base + "/pid",
                          "--gate",
                          "3",
                          "test"};
    request.stdin_fd = UniqueFd(open("/dev/null", O_RDONLY | O_CLOEXEC));
    request.stdout_fd =
        UniqueFd(open((base + "/out").c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644));
    request.stderr_fd = UniqueFd(fcntl(request.stdout_fd.get(), F_DUPFD_CLOEXEC, 3));
    std::optional<sandbox::Started> runtime;
    client->spawn(std::move(request), [&](Result<sandbox::Started> result) {
      BOOST_REQUIRE(result);
      runtime = std::move(*result);
    });
    wait_until([&] { return runtime.has_value(); });
    return std::move(*runtime);
  }

  [[nodiscard]] int pid() const { return std::stoi(slurp(bundle.dir / "pid")); }

  Bundle bundle;
  sandbox::Started process;
  boost::asio::io_context io;
  std::unique_ptr<sandbox::Client> client;
  std::vector<sandbox::Exit> exits;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(detached, *utf::precondition(can_run))

BOOST_AUTO_TEST_CASE(init_becomes_the_sandboxs_child_and_its_exit_is_reported) {
  Pod pod;
  BOOST_TEST(pod.start("echo started; ls -1 /proc/self/fd | wc -l; read line < /dev/zero & wait; exit 9") ==
             0);
  auto status = slurp("/proc/" + std::to_string(pod.pid()) + "/status");
  BOOST_TEST(status.find("PPid:\t" + std::to_string(pod.process.pid)) != std::string::npos);
  BOOST_TEST(status.find("NSpid:\t" + std::to_string(pod.pid()) + "\t1\n") != std::string::npos);
  kill(pod.pid(), SIGKILL);
  BOOST_TEST(WTERMSIG(pod.exit_of(pod.pid())) == SIGKILL);
  BOOST_TEST(slurp(pod.bundle.dir / "log") == "");
  for (const auto& entry : fs::directory_iterator(pod.bundle.dir))
    BOOST_TEST(!entry.path().string().ends_with(".tmp"));
}

BOOST_AUTO_TEST_CASE(an_exit_before_the_runtimes_own_is_reported_too) {
  for (int round = 0; round < 20; ++round) {
    Pod pod;
    BOOST_TEST(pod.start("exit 7") == 0);
    BOOST_TEST(WEXITSTATUS(pod.exit_of(pod.pid())) == 7);
  }
}

BOOST_AUTO_TEST_CASE(root_is_the_overlay_and_namespaces_are_the_pods) {
  Pod pod;
  auto inside = [](int pid, const char* ns) {
    return fs::read_symlink("/proc/" + std::to_string(pid) + "/ns/" + ns);
  };
  pod.bundle.config["linux"]["namespaces"] =
      nlohmann::json::parse(R"([{"type":"pid"},{"type":"mount"},{"type":"cgroup"}])");
  BOOST_TEST(pod.start("hostname; echo kept > /written; read line < /dev/zero") == 0);
  for (const char* ns : {"net", "ipc", "uts"})
    BOOST_TEST(inside(pod.pid(), ns) == inside(pod.process.pid, ns));
  BOOST_TEST(inside(pod.pid(), "pid") != inside(pod.process.pid, "pid"));
  BOOST_TEST(fs::is_empty(pod.bundle.dir / "merged"));
  pod.wait_until([&] {
    return slurp(pod.bundle.dir / "upper/written") == "kept\n" ||
           (pod.io.run_one_for(std::chrono::milliseconds(10)), false);
  });
  BOOST_TEST(slurp(pod.bundle.dir / "out") == "pod\n");
  BOOST_TEST(!fs::exists(pod.bundle.root / "written"));
  kill(pod.pid(), SIGKILL);
  pod.exit_of(pod.pid());
}

BOOST_AUTO_TEST_CASE(a_failed_start_leaves_nothing) {
  Pod pod;
  pod.bundle.config["process"]["cwd"] = "/bin/sh";
  BOOST_TEST(pod.start("true") == 1);
  BOOST_TEST(!fs::exists(pod.bundle.dir / "pid"));
  BOOST_TEST(
      slurp(pod.bundle.dir / "log").find("cannot enter the working directory: /bin/sh: Not a directory") !=
      std::string::npos);
  BOOST_TEST(slurp("/proc/" + std::to_string(pod.process.pid) + "/task/" + std::to_string(pod.process.pid) +
                   "/children") == "");
  BOOST_TEST(pod.exits.size() == 1U);  // the runtime's own: it has reaped the init
}

BOOST_AUTO_TEST_CASE(nothing_is_made_behind_a_gate_that_is_closed) {
  Pod pod;
  auto runtime = pod.begin();
  runtime.gate.reset();
  BOOST_TEST(WEXITSTATUS(pod.exit_of(runtime.pid)) == 1);
  BOOST_TEST(slurp(pod.bundle.dir / "log").find("the gate was closed") != std::string::npos);
  BOOST_TEST(!fs::exists(pod.bundle.dir / "pid"));
  BOOST_TEST(!fs::exists(pod.bundle.dir / "state/test"));
}

BOOST_AUTO_TEST_CASE(what_is_wrong_is_told_behind_the_gate) {
  Pod pod;
  pod.bundle.config["root"].erase("path");
  auto runtime = pod.begin();
  pollfd ended = {runtime.pidfd.get(), POLLIN, 0};
  BOOST_TEST(poll(&ended, 1, 200) == 0);
  BOOST_TEST(slurp(pod.bundle.dir / "log") == "");
  BOOST_REQUIRE(sandbox::open_gate(runtime.gate));
  BOOST_TEST(WEXITSTATUS(pod.exit_of(runtime.pid)) == 1);
  BOOST_TEST(slurp(pod.bundle.dir / "log").find("root.path must not be empty") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(the_runtimes_own_file_cannot_be_written_through_proc) {
  Pod pod;
  // An image whose program is the runtime: it then runs inside (here it waits for a reader of its log), and
  // whoever sees it there has a way to its file, which opens for writing once nobody executes it any more.
  spill(pod.bundle.root / "attack", "#!/proc/self/exe --log=/fifo\n");
  fs::permissions(pod.bundle.root / "attack", fs::perms(0755));
  BOOST_REQUIRE_EQUAL(mkfifo((pod.bundle.root / "fifo").c_str(), 0600), 0);
  BOOST_REQUIRE_EQUAL(pod.start_program({"/attack"}), 0);
  int pid = pod.pid();
  UniqueFd file(open(("/proc/" + std::to_string(pid) + "/exe").c_str(), O_PATH | O_CLOEXEC));
  BOOST_REQUIRE(file);
  BOOST_TEST(fs::equivalent("/proc/self/fd/" + std::to_string(file.get()), std::getenv("PODSD_RUNTIME")));
  kill(pid, SIGKILL);
  pod.exit_of(pid);
  UniqueFd writable(open(("/proc/self/fd/" + std::to_string(file.get())).c_str(), O_WRONLY | O_CLOEXEC));
  BOOST_TEST(!writable);
  BOOST_TEST(errno == EROFS);
}

BOOST_AUTO_TEST_SUITE_END()
