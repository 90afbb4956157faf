// SPDX-License-Identifier: Apache-2.0
// A container whose streams the sandbox holds, as tests see it. A shell stands for the OCI runtime: it leaves
// a child behind, whose number it tells by a file.
#pragma once

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>

#include <boost/test/unit_test.hpp>
#include <cstring>

#include "agent/sandbox/protocol.hpp"
#include "harness.hpp"

namespace podsd::sandbox {

constexpr int patience_ms = 60'000;

struct Pair {
  UniqueFd ours, theirs;
};

inline Pair make_pair(int type) {
  int ends[2];
  BOOST_REQUIRE_EQUAL(socketpair(AF_UNIX, type | SOCK_CLOEXEC, 0, ends), 0);
  return {UniqueFd(ends[0]), UniqueFd(ends[1])};
}

/// `ours` is the end that reads.
inline Pair make_pipe() {
  int ends[2];
  BOOST_REQUIRE_EQUAL(pipe2(ends, O_CLOEXEC), 0);
  return {UniqueFd(ends[0]), UniqueFd(ends[1])};
}

inline void await_readable(const UniqueFd& fd) {
  pollfd ready = {fd.get(), POLLIN, 0};
  BOOST_REQUIRE_EQUAL(poll(&ready, 1, patience_ms), 1);
}

/// Reads until `text` has come, or the end.
inline std::string read_until(const UniqueFd& fd, const std::string& text) {
  std::string all;
  char buffer[65536];
  while (text.empty() || all.find(text) == std::string::npos) {
    await_readable(fd);
    const ssize_t n = read(fd.get(), buffer, sizeof buffer);
    if (n <= 0) break;
    all.append(buffer, static_cast<std::size_t>(n));
  }
  return all;
}

inline void put(const UniqueFd& fd, const std::string& text) {
  BOOST_REQUIRE_EQUAL(write(fd.get(), text.data(), text.size()), static_cast<ssize_t>(text.size()));
}

/// A stream of the journal: what came, and from whom.
struct Journal {
  Journal() : pair(make_pair(SOCK_STREAM)) {
    const int on = 1;
    setsockopt(pair.ours.get(), SOL_SOCKET, SO_PASSCRED, &on, sizeof on);
  }

  std::string read_until(const std::string& text) {
    while (all.find(text) == std::string::npos && receive()) continue;
    return all;
  }

  bool receive() {
    await_readable(pair.ours);
    char buffer[65536];
    alignas(cmsghdr) char control[CMSG_SPACE(sizeof(ucred))];
    iovec data = {buffer, sizeof buffer};
    msghdr message = {};
    message.msg_iov = &data;
    message.msg_iovlen = 1;
    message.msg_control = control;
    message.msg_controllen = sizeof control;
    const ssize_t n = recvmsg(pair.ours.get(), &message, 0);
    if (n <= 0) return false;
    ucred sender;
    std::memcpy(&sender, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof sender);
    pid = sender.pid;
    all.append(buffer, static_cast<std::size_t>(n));
    return true;
  }

  Pair pair;
  std::string all;
  int pid = 0;
};

struct Session {
  UniqueFd in, out, err, control;
  std::uint32_t flags = 0;

  SessionEnd end() {
    SessionEnd end = {};
    await_readable(control);
    BOOST_REQUIRE_EQUAL(recv(control.get(), &end, sizeof end, 0), static_cast<ssize_t>(sizeof end));
    return end;
  }
};

struct Held {
  explicit Held(HeldStreams streams = {"c", true, false, false}) : held(std::move(streams)) {}

  /// `script` is what the container runs.
  void start(const std::string& script) {
    SpawnRequest request;
    // An asynchronous list has no standard input of its own (POSIX, "Lists").
    request.argv = {"/bin/sh", "-c",
                    "exec 3<&0; /bin/sh -c '" + script + "' <&3 3<&- & echo $! >" + pid_file()};
    request.env = {"PATH=/bin:/usr/bin"};
    request.stdin_fd = UniqueFd(::open("/dev/null", O_RDONLY | O_CLOEXEC));
    spawn(std::move(request));
  }

  void spawn(SpawnRequest request) {
    request.stdout_fd = std::move(out.pair.theirs);
    request.stderr_fd = std::move(err.pair.theirs);
    request.held = held;
    std::optional<Result<Started>> answer;
    sandbox.client->spawn(std::move(request),
                          [&](Result<Started> started) { answer.emplace(std::move(started)); });
    sandbox.wait_until([&] { return answer.has_value(); });
    BOOST_REQUIRE_MESSAGE(*answer, (*answer ? "" : answer->error().message()));
    runtime = (*answer)->pid;
    BOOST_REQUIRE(open_gate((*answer)->gate));
  }

  void claim() {
    sandbox.wait_exit(runtime);
    pid = std::stoi(slurp(pid_file()));
    sandbox.client->claim(held.container, pid);
  }

  Session attach(bool input = true) {
    auto in = make_pipe(), one = make_pipe(), two = make_pipe(), control = make_pair(SOCK_SEQPACKET);
    Session session{std::move(in.theirs), std::move(one.ours), std::move(two.ours), std::move(control.ours)};
    std::optional<Result<std::uint32_t>> answer;
    sandbox.client->attach({pid, input, std::move(in.ours), std::move(one.theirs), std::move(two.theirs),
                            std::move(control.theirs)},
                           [&](Result<std::uint32_t> flags) { answer.emplace(std::move(flags)); });
    sandbox.wait_until([&] { return answer.has_value(); });
    BOOST_REQUIRE_MESSAGE(*answer, (*answer ? "" : answer->error().message()));
    session.flags = **answer;
    return session;
  }

  std::string pid_file() const { return sandbox.dir / "pid"; }

  Sandbox sandbox;
  HeldStreams held;
  Journal out, err;
  int runtime = 0, pid = 0;
};

}  // namespace podsd::sandbox
