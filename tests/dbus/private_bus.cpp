// SPDX-License-Identifier: Apache-2.0
#include "tests/dbus/private_bus.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <stdexcept>

extern char** environ;

namespace podsd::test {

namespace {

constexpr const char* open_policy = R"(  <policy context="default">
    <allow user="*"/>
    <allow own="*"/>
    <allow send_type="method_call"/>
    <allow send_type="signal"/>
    <allow send_requested_reply="true" send_type="method_return"/>
    <allow send_requested_reply="true" send_type="error"/>
    <allow receive_type="method_call"/>
    <allow receive_type="method_return"/>
    <allow receive_type="error"/>
    <allow receive_type="signal"/>
  </policy>
)";

}  // namespace

PrivateBus::PrivateBus() {
  std::string name = std::filesystem::temp_directory_path() / "podsd-dbus-XXXXXX";
  if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("mkdtemp");
  dir_ = name;
  // Clients of other users connect too.
  std::filesystem::permissions(dir_, std::filesystem::perms(0755));
  std::ofstream(dir_ / "bus.conf") << "<busconfig>\n  <type>session</type>\n  <listen>" << address()
                                   << "</listen>\n  <auth>EXTERNAL</auth>\n"
                                   << open_policy << "</busconfig>\n";
  start();
}

PrivateBus::~PrivateBus() {
  stop();
  std::error_code ignored;
  std::filesystem::remove_all(dir_, ignored);
}

std::string PrivateBus::address() const {
  return "unix:path=" + (dir_ / "socket").string();
}

void PrivateBus::start() {
  int ready[2];
  if (::pipe(ready) != 0) throw std::runtime_error("pipe");
  const std::string config = "--config-file=" + (dir_ / "bus.conf").string();
  const std::string print = "--print-address=" + std::to_string(ready[1]);
  const char* argv[] = {"dbus-daemon", config.c_str(), "--nofork", "--nopidfile", print.c_str(), nullptr};
  std::filesystem::remove(dir_ / "socket");
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_addopen(&actions, 2, (dir_ / "log").c_str(), O_WRONLY | O_CREAT | O_APPEND,
                                     0600);
  const int error = ::posix_spawnp(&pid_, argv[0], &actions, nullptr, const_cast<char**>(argv), environ);
  ::posix_spawn_file_actions_destroy(&actions);
  if (error != 0) {
    throw std::runtime_error("cannot start dbus-daemon");
  }
  ::close(ready[1]);
  char byte = 0;
  const bool listening = ::read(ready[0], &byte, 1) == 1;
  ::close(ready[0]);
  if (!listening) throw std::runtime_error("dbus-daemon does not listen");
}

void PrivateBus::stop() {
  if (pid_ < 0) return;
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
  pid_ = -1;
}

MuteListener::MuteListener(const PrivateBus& bus) : fd_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  const std::string path = bus.address().substr(std::string("unix:path=").size());
  ::unlink(path.c_str());
  sockaddr_un name{};
  name.sun_family = AF_UNIX;
  path.copy(name.sun_path, sizeof name.sun_path - 1);
  if (::bind(fd_, reinterpret_cast<sockaddr*>(&name), sizeof name) != 0 || ::listen(fd_, 16) != 0) {
    throw std::runtime_error("cannot listen");
  }
}

MuteListener::~MuteListener() {
  ::close(fd_);
}

bool MuteListener::has_client() const {
  pollfd poll{fd_, POLLIN, 0};
  return ::poll(&poll, 1, 0) == 1;
}

bool run_until(boost::asio::io_context& io, const std::function<bool()>& done,
               std::chrono::milliseconds limit) {
  const auto end = std::chrono::steady_clock::now() + limit;
  while (!done()) {
    if (std::chrono::steady_clock::now() > end) return false;
    io.restart();
    io.run_one_for(std::chrono::milliseconds(20));
  }
  return true;
}

}  // namespace podsd::test
