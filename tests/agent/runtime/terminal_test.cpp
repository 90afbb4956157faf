// SPDX-License-Identifier: Apache-2.0
// process.terminal, --console-socket and exec --tty (config.md "Process", config-linux.md "/dev/console").
#include <fcntl.h>
#include <pty.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>
#include <utmp.h>

#include <cstring>
#include <set>

#include "agent/os/unique_fd.hpp"
#include "bundle.hpp"

using namespace podsd;
using namespace podsd::runtime;
namespace utf = boost::unit_test;
namespace fs = std::filesystem;

namespace {

struct Terminal : Bundle {
  Terminal() {
    for (const char* applet : {"tty", "stty", "echo"}) fs::create_symlink("busybox", root / "bin" / applet);
    config["process"]["terminal"] = true;
  }
  ~Terminal() { command({"delete", "--force", "test"}); }

  void without_mounts(const std::set<std::string>& targets) {
    auto left = nlohmann::json::array();
    for (const auto& mount : config["mounts"])
      if (!targets.contains(mount["destination"])) left.push_back(mount);
    config["mounts"] = left;
  }

  // Where the runtime is to send a master.
  UniqueFd listen_for_master() {
    UniqueFd fd(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_un address = {};
    address.sun_family = AF_UNIX;
    std::strcpy(address.sun_path, console.c_str());
    fs::remove(console);
    BOOST_REQUIRE_EQUAL(bind(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    BOOST_REQUIRE_EQUAL(listen(fd.get(), 1), 0);
    return fd;
  }

  // The container "test", with a shell at its terminal; gives the master.
  UniqueFd start_detached() {
    auto listening = listen_for_master();
    BOOST_REQUIRE_EQUAL(run({"--detach", "--console-socket", console}).status, 0);
    UniqueFd socket(accept(listening.get(), nullptr, nullptr));
    char name[64];
    alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))];
    iovec data = {name, sizeof name};
    msghdr message = {};
    message.msg_iov = &data;
    message.msg_iovlen = 1;
    message.msg_control = control;
    message.msg_controllen = sizeof control;
    BOOST_REQUIRE_GT(recvmsg(socket.get(), &message, MSG_CMSG_CLOEXEC), 0);
    BOOST_REQUIRE(CMSG_FIRSTHDR(&message) != nullptr);
    int master;
    std::memcpy(&master, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof master);
    return UniqueFd(master);
  }

  std::string console = dir / "console.sock";
};

// Reads until `text` has come, or the end; the alarm ends a test that waits in vain.
std::string read_until(const UniqueFd& fd, const std::string& text) {
  std::string all;
  char buffer[1024];
  alarm(60);
  while (all.find(text) == std::string::npos) {
    ssize_t n = read(fd.get(), buffer, sizeof buffer);
    if (n <= 0) break;
    all.append(buffer, static_cast<std::size_t>(n));
  }
  alarm(0);
  return all;
}

void type(const UniqueFd& fd, const std::string& text) {
  BOOST_REQUIRE_EQUAL(write(fd.get(), text.data(), text.size()), static_cast<ssize_t>(text.size()));
}

}  // namespace

BOOST_AUTO_TEST_SUITE(terminal, *utf::precondition(can_run))

BOOST_AUTO_TEST_CASE(run_in_the_foreground_copies_it) {
  Terminal container;
  container.config["process"]["consoleSize"] = {{"height", 33}, {"width", 77}};
  container.config["process"]["user"]["uid"] = 1000;
  const auto outcome = container.shell(
      "tty; stty size; [ $(stat -c %t,%T /dev/console) = $(stat -c %t,%T $(tty)) ] && echo console; "
      "stat -c %u $(tty); echo controlling > /dev/tty; for n in 0 1 2; do readlink /proc/self/fd/$n; done; "
      "ls /proc/self/fd | wc -l; exit 5");
  BOOST_TEST(outcome.output ==
             "/dev/pts/0\r\n33 77\r\nconsole\r\n1000\r\ncontrolling\r\n/dev/pts/0\r\n/dev/pts/0\r\n/dev/pts/"
             "0\r\n4\r\n");
  BOOST_TEST(outcome.status == 5);
}

BOOST_AUTO_TEST_CASE(all_of_a_long_output_comes) {
  Terminal container;
  const auto outcome = container.shell("stty -opost; head -c 1000000 /dev/zero | tr '\\0' x");
  BOOST_TEST(outcome.output.size() == 1000000U);
}

BOOST_AUTO_TEST_CASE(who_does_not_stay_needs_a_socket_and_who_stays_must_not_have_one) {
  Terminal container;
  const std::string lacks = "cannot allocate tty if the runtime will detach without setting console socket";
  const std::string has = "cannot use console socket if the runtime will not detach or allocate tty";
  container.write_config();
  BOOST_TEST(container.command({"create", "test"}).message() == lacks);
  BOOST_TEST(container.run({"--detach"}).message() == lacks);
  BOOST_TEST(container.run({"--console-socket", container.console}).message() == has);
  container.config["process"]["terminal"] = false;
  BOOST_TEST(container.run({"--detach", "--console-socket", container.console}).message() == has);
  BOOST_TEST(!fs::exists(container.dir / "state/test"));
}

BOOST_AUTO_TEST_CASE(a_console_socket_that_is_not_there) {
  Terminal container;
  BOOST_TEST(container.run({"--detach", "--console-socket", container.console}).message() ==
             "cannot connect to the console socket: " + container.console + ": No such file or directory");
}

BOOST_AUTO_TEST_CASE(the_master_is_sent) {
  Terminal container;
  container.config["process"]["args"] = {"/bin/sh", "-c",
                                         "stty -echo; echo ready; read word; echo got $word; sleep 600"};
  const UniqueFd master = container.start_detached();
  BOOST_TEST(read_until(master, "ready") == "ready\r\n");
  type(master, "word\n");
  BOOST_TEST(read_until(master, "word\r\n") == "got word\r\n");
}

BOOST_AUTO_TEST_CASE(created_and_then_started) {
  Terminal container;
  container.config["process"]["args"] = {"/bin/sh", "-c", "tty; sleep 600"};
  container.write_config();
  auto listening = container.listen_for_master();
  BOOST_TEST(container.command({"create", "--console-socket", container.console, "test"}).status == 0);
  BOOST_TEST(container.status() == "created");
  BOOST_TEST(container.command({"start", "test"}).status == 0);
}

BOOST_AUTO_TEST_CASE(exec_has_one_of_its_own_and_gives_that_of_the_caller_back) {
  Terminal container;
  container.config["process"]["args"] = {"/bin/sleep", "600"};
  const UniqueFd first = container.start_detached();
  int master;
  winsize size = {20, 50, 0, 0};
  const std::string state = container.dir / "state";
  int slave;
  BOOST_REQUIRE_EQUAL(openpty(&master, &slave, nullptr, nullptr, &size), 0);
  const UniqueFd mine(master), its(slave);
  termios before = {};
  tcgetattr(slave, &before);
  const pid_t pid = fork();
  if (pid == 0) {
    login_tty(slave);
    execl(std::getenv("PODSD_RUNTIME"), "podsd-runtime", "--root", state.c_str(), "exec", "--tty", "test",
          "/bin/sh", "-c", "stty -echo; stty size; tty; read x; stty size; exit 7", nullptr);
    _exit(99);
  }
  BOOST_TEST(read_until(mine, "pts/1\r\n") == "20 50\r\n/dev/pts/1\r\n");
  termios meanwhile = {};
  tcgetattr(slave, &meanwhile);
  BOOST_TEST((meanwhile.c_lflag & (ICANON | ECHO)) == 0U);
  size = {40, 100, 0, 0};
  ioctl(slave, TIOCSWINSZ, &size);
  kill(pid, SIGWINCH);
  type(mine, "\n");
  BOOST_TEST(read_until(mine, "100\r\n") == "40 100\r\n");
  int status = 0;
  waitpid(pid, &status, 0);
  BOOST_TEST(WEXITSTATUS(status) == 7);
  termios after = {};
  tcgetattr(slave, &after);
  BOOST_TEST(after.c_lflag == before.c_lflag);
}

BOOST_AUTO_TEST_CASE(exec_without_a_terminal_in_a_container_with_one) {
  Terminal container;
  container.config["process"]["args"] = {"/bin/sleep", "600"};
  const UniqueFd master = container.start_detached();
  BOOST_TEST(container.command({"exec", "test", "/bin/tty"}).output == "not a tty\n");
}

BOOST_AUTO_TEST_CASE(what_is_no_pseudoterminal_is_not_opened) {
  for (const char* fake : {"file", "fifo", "link"}) {
    Terminal container;
    container.without_mounts({"/dev", "/dev/pts"});
    fs::create_directories(container.root / "dev/pts");
    const fs::path ptmx = container.root / "dev/pts/ptmx";
    if (fake == std::string("file")) spill(ptmx, "");
    if (fake == std::string("fifo")) BOOST_REQUIRE_EQUAL(mkfifo(ptmx.c_str(), 0666), 0);
    if (fake == std::string("link")) fs::create_symlink("/dev/ptmx", ptmx);
    const auto outcome = container.shell("true");
    BOOST_TEST(outcome.status == 1, fake);
    BOOST_TEST(outcome.message().starts_with("terminal: "), outcome.message());
  }
}

BOOST_AUTO_TEST_CASE(a_console_that_is_a_link_is_not_followed) {
  Terminal container;
  container.without_mounts({"/dev"});
  fs::create_directories(container.root / "dev");
  spill(container.root / "elsewhere", "");
  fs::create_symlink("/elsewhere", container.root / "dev/console");
  BOOST_TEST(container.shell("true").message().starts_with("terminal: /dev/console: "));
}

BOOST_AUTO_TEST_SUITE_END()
