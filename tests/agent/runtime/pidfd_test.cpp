// SPDX-License-Identifier: Apache-2.0
// --pidfd-socket: who holds the pidfd needs no pid.
#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "bundle.hpp"
#include "fd_listener.hpp"

using namespace podsd;
using namespace podsd::runtime;
namespace utf = boost::unit_test;

namespace {

// The container's output would keep command() waiting: it goes elsewhere.
constexpr const char* script = "exec sleep 600 >/dev/null 2>&1";

struct Sleeping : Bundle {
  Sleeping() { config["process"]["args"] = {"/bin/sh", "-c", script}; }
  ~Sleeping() { command({"delete", "--force", "test"}); }
};

bool ends_by_kill(const UniqueFd& process) {
  if (syscall(SYS_pidfd_send_signal, process.get(), SIGKILL, nullptr, 0) < 0) return false;
  pollfd end = {process.get(), POLLIN, 0};
  return poll(&end, 1, 10'000) == 1;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(pidfd_socket, *utf::precondition(can_run))

BOOST_AUTO_TEST_CASE(gets_the_init) {
  Sleeping bundle;
  FdListener listener(bundle.dir / "pidfd.sock");
  BOOST_REQUIRE_EQUAL(bundle.run({"--detach", "--pidfd-socket", listener.path()}).status, 0);
  auto received = listener.receive();
  BOOST_TEST(received.text == "standard");
  BOOST_TEST(bundle.status() == "running");
  BOOST_TEST(ends_by_kill(received.fd));
  BOOST_TEST(bundle.status() == "stopped");
}

BOOST_AUTO_TEST_CASE(gets_what_exec_starts) {
  Sleeping bundle;
  BOOST_REQUIRE_EQUAL(bundle.run({"--detach"}).status, 0);
  FdListener listener(bundle.dir / "pidfd.sock");
  BOOST_REQUIRE_EQUAL(
      bundle.command({"exec", "--detach", "--pidfd-socket", listener.path(), "test", "/bin/sh", "-c", script})
          .status,
      0);
  auto received = listener.receive();
  BOOST_TEST(received.text == "setns");
  BOOST_TEST(ends_by_kill(received.fd));
  BOOST_TEST(bundle.status() == "running");
}

BOOST_AUTO_TEST_CASE(nobody_listens) {
  Sleeping bundle;
  auto outcome = bundle.run({"--detach", "--pidfd-socket", "/no/such/socket"});
  BOOST_TEST(outcome.message() ==
             "cannot connect to the pidfd socket: /no/such/socket: No such file or directory");
  BOOST_TEST(bundle.status() == "container does not exist: No such file or directory");
}

BOOST_AUTO_TEST_SUITE_END()
