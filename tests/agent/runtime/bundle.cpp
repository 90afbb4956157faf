// SPDX-License-Identifier: Apache-2.0
#include "bundle.hpp"

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

namespace podsd::runtime {
namespace {

using nlohmann::json;
namespace fs = std::filesystem;

constexpr const char* busybox = "/bin/busybox";
constexpr const char* applets[] = {"sh",   "ls",  "cat",      "id",   "true",   "mount",    "ps",    "touch",
                                   "stat", "env", "pwd",      "kill", "mkdir",  "hostname", "sleep", "grep",
                                   "wc",   "tr",  "readlink", "rm",   "mkfifo", "head"};

json default_mounts() {
  return json::parse(R"([
    {"destination": "/proc", "type": "proc", "source": "proc", "options": ["nosuid", "noexec", "nodev"]},
    {"destination": "/dev", "type": "tmpfs", "source": "tmpfs", "options": ["nosuid", "strictatime", "mode=755", "size=65536k"]},
    {"destination": "/dev/pts", "type": "devpts", "source": "devpts",
     "options": ["nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5"]},
    {"destination": "/dev/shm", "type": "tmpfs", "source": "shm", "options": ["nosuid", "noexec", "nodev", "mode=1777"]},
    {"destination": "/dev/mqueue", "type": "mqueue", "source": "mqueue", "options": ["nosuid", "noexec", "nodev"]},
    {"destination": "/sys", "type": "sysfs", "source": "sysfs", "options": ["nosuid", "noexec", "nodev", "ro"]},
    {"destination": "/sys/fs/cgroup", "type": "cgroup", "source": "cgroup", "options": ["nosuid", "noexec", "nodev", "ro"]}
  ])");
}

[[noreturn]] void exec_runtime(std::vector<std::string> words, int output, const fs::path& dir) {
  std::vector<char*> argv;
  for (auto& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  dup2(open("/dev/null", O_RDONLY), 0);
  dup2(output, 1);
  dup2(output, 2);
  if (chdir(dir.c_str()) < 0 || unshare(CLONE_NEWNS) < 0) _exit(99);
  if (mount(nullptr, "/", nullptr, MS_PRIVATE | MS_REC, nullptr) < 0) _exit(99);
  execv(argv[0], argv.data());
  _exit(99);
}

int decode(int status) {
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

}  // namespace

boost::test_tools::assertion_result can_run(boost::unit_test::test_unit_id) {
  bool able = geteuid() == 0 && std::getenv("PODSD_RUNTIME") != nullptr && fs::exists(busybox);
  boost::test_tools::assertion_result result(able);
  result.message() << "needs root, PODSD_RUNTIME and " << busybox;
  return result;
}

std::string Outcome::message() const {
  auto line = json::parse(log, nullptr, false);
  return line.is_object() && line.value("level", "") == "error" ? line.value("msg", "")
                                                                : "not one line of JSON: " + log;
}

json minimal_config() {
  json capabilities = {"CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_FOWNER", "CAP_KILL", "CAP_SETGID", "CAP_SETUID"};
  return {{"ociVersion", "1.0.2"},
          {"root", {{"path", "rootfs"}}},
          {"process",
           {{"args", {"/bin/true"}},
            {"cwd", "/"},
            {"env", {"PATH=/bin"}},
            {"user", {{"uid", 0}, {"gid", 0}}},
            {"capabilities",
             {{"bounding", capabilities}, {"effective", capabilities}, {"permitted", capabilities}}}}},
          {"linux", {{"namespaces", {{{"type", "pid"}}, {{"type", "mount"}}}}}}};
}

Bundle::Bundle() {
  char name[] = "/tmp/podsd-runtime-test-XXXXXX";
  BOOST_REQUIRE(mkdtemp(name) != nullptr);
  dir = name;
  root = dir / "rootfs";
  fs::create_directories(root / "bin");
  fs::create_directories(root / "etc");
  fs::copy_file(busybox, root / "bin/busybox");
  for (const char* applet : applets) fs::create_symlink("busybox", root / "bin" / applet);
  spill(root / "etc/passwd", "root:x:0:0::/root:/bin/sh\nweb:x:1000:1000::/home/web:/bin/sh\n");
  config = minimal_config();
  config["mounts"] = default_mounts();
  config["linux"]["namespaces"] =
      json::parse(R"([{"type":"pid"},{"type":"mount"},{"type":"cgroup"},{"type":"uts"},{"type":"ipc"}])");
}

Bundle::~Bundle() {
  std::error_code ignored;
  fs::remove_all(dir, ignored);
}

void Bundle::write_config() const {
  spill(dir / "config.json", config.dump());
}

void Bundle::add_mount(const std::string& destination, const std::string& type, const std::string& source,
                       const std::vector<std::string>& options) {
  config["mounts"].push_back(
      {{"destination", destination}, {"type", type}, {"source", source}, {"options", options}});
}

Outcome Bundle::shell(const std::string& script) {
  config["process"]["args"] = {"/bin/sh", "-c", script};
  return run();
}

Outcome Bundle::run(const std::vector<std::string>& more) {
  write_config();
  std::vector<std::string> words = {"run"};
  words.insert(words.end(), more.begin(), more.end());
  words.emplace_back("test");
  return command(words);
}

std::string Bundle::status() {
  auto outcome = command({"state", "test"});
  return outcome.status == 0 ? json::parse(outcome.output)["status"].get<std::string>() : outcome.message();
}

Outcome Bundle::command(const std::vector<std::string>& more) {
  fs::remove(dir / "log");
  std::vector<std::string> words = {std::getenv("PODSD_RUNTIME"),
                                    "--root",
                                    (dir / "state").string(),
                                    "--log",
                                    (dir / "log").string(),
                                    "--log-format",
                                    "json"};
  words.insert(words.end(), more.begin(), more.end());
  int output[2];
  BOOST_REQUIRE_EQUAL(pipe2(output, O_CLOEXEC), 0);
  pid_t pid = fork();
  if (pid == 0) exec_runtime(words, output[1], dir);
  close(output[1]);
  Outcome outcome;
  char buffer[4096];
  for (ssize_t n; (n = read(output[0], buffer, sizeof buffer)) > 0;)
    outcome.output.append(buffer, static_cast<std::size_t>(n));
  close(output[0]);
  int status = 0;
  waitpid(pid, &status, 0);
  outcome.status = decode(status);
  outcome.log = slurp(dir / "log");
  return outcome;
}

std::string slurp(const fs::path& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

void spill(const fs::path& path, const std::string& text) {
  std::ofstream(path) << text;
}

}  // namespace podsd::runtime
