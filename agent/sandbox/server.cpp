// SPDX-License-Identifier: Apache-2.0
#include "agent/sandbox/server.hpp"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "agent/sandbox/report.hpp"

namespace podsd::sandbox {

void Server::serve(int listen, int signals) {
  listen_ = listen;
  signals_ = signals;
  agent_ = -1;
  for (;;) {
    const short wanted = congested_ ? POLLIN | POLLOUT : POLLIN;
    polls_.clear();
    const size_t agent = polls_.add(agent_, wanted), ends = polls_.add(signals_, POLLIN),
                 calls = polls_.add(listen_, POLLIN);
    streams_.watch(polls_);
    if (polls_.wait() < 0) {
      if (errno == EINTR) continue;
      die("cannot wait for events", nullptr, 1);
    }
    if (polls_.ready(agent)) receive();
    if (polls_.ready(ends) && end_requested()) return;
    if (polls_.ready(calls)) accept_agent();
    streams_.pump(polls_);
    reap();
    send_exits();
  }
}

bool Server::end_requested() {
  signalfd_siginfo info;
  return read(signals_, &info, sizeof info) == sizeof info && info.ssi_signo != SIGCHLD;
}

// Without reaping it: what it wrote last is sent while it still has its number. A runtime comes before the
// container that it made, which became a child of this process when the runtime ended. 0: none.
int Server::next_ended() const {
  siginfo_t info = {};
  if (waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) < 0 || info.si_pid == 0) return 0;
  if (const int runtime = streams_.ended_runtime(); runtime != 0) return runtime;
  return streams_.may_reap() ? info.si_pid : 0;
}

void Server::reap() {
  while (!exits_.full()) {
    const int pid = next_ended();
    int status;
    if (pid == 0) return;
    streams_.drain(pid);
    if (waitpid(pid, &status, WNOHANG) != pid) return;
    streams_.ended(pid, status);
    if (watches_.tell(pid, status)) continue;
    timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    exits_.add(pid, status, now.tv_sec * 1000000000LL + now.tv_nsec);
  }
}

void Server::accept_agent() {
  int fd = accept4(listen_, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
  if (fd < 0) return;
  ucred peer = {};
  socklen_t size = sizeof peer;
  if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) < 0 || peer.uid != 0) {
    report("refused a connection from a user that is not root", nullptr, 0);
    close(fd);
    return;
  }
  drop_agent();
  agent_ = fd;
  Hello hello = {protocol_version, getpid()};
  if (send(Type::hello, &hello, sizeof hello, -1) != 0) drop_agent();
}

void Server::drop_agent() {
  if (agent_ >= 0) close(agent_);
  agent_ = -1;
  sent_ = 0;
  congested_ = false;
}

void Server::receive() {
  Packet packet = {};
  if (!take(packet)) return;
  bool valid = handle(packet);
  for (int i = 0; i < packet.fd_count; ++i) close(packet.fds[i]);
  if (!valid) drop_agent();
}

// False where there is nothing to handle; ends the connection where it is over.
bool Server::take(Packet& packet) {
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int) * max_fds)];
  iovec data = {buffer_, sizeof buffer_};
  msghdr message = {};
  message.msg_iov = &data;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = sizeof control;
  ssize_t n = recvmsg(agent_, &message, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
  if (n < 0 && (errno == EAGAIN || errno == EINTR)) return false;
  if (n <= 0) {
    drop_agent();
    return false;
  }
  for (cmsghdr* c = CMSG_FIRSTHDR(&message); c != nullptr; c = CMSG_NXTHDR(&message, c)) {
    if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS) continue;
    packet.fd_count = static_cast<int>((c->cmsg_len - CMSG_LEN(0)) / sizeof(int));
    memcpy(packet.fds, CMSG_DATA(c), packet.fd_count * sizeof(int));
  }
  // Cut off: the size of what is left cannot match its header, so it is refused by handle().
  packet.size = (message.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) != 0 ? 0 : static_cast<size_t>(n);
  return true;
}

// False for a packet that breaks the protocol.
bool Server::handle(const Packet& packet) {
  Header header;
  if (packet.size < sizeof header) return false;
  memcpy(&header, buffer_, sizeof header);
  if (header.size != packet.size - sizeof header) return false;
  switch (header.type) {
    case Type::spawn:
    case Type::spawn_early:
      return spawn(packet, header.type == Type::spawn_early, nullptr);
    case Type::spawn_held:
      return spawn_held(packet);
    case Type::watch:
      return watch(packet);
    case Type::claim:
      return claim(packet);
    case Type::attach:
      return attach(packet);
    default:
      break;
  }
  if (header.type != Type::ack || header.size != sizeof(Ack) || packet.fd_count != 0) return false;
  Ack ack;
  memcpy(&ack, buffer_ + sizeof header, sizeof ack);
  exits_.forget(ack.serial);
  return true;
}

bool Server::spawn_held(const Packet& packet) {
  Hold hold;
  if (packet.size < sizeof(Header) + sizeof hold) return false;
  memcpy(&hold, buffer_ + sizeof(Header), sizeof hold);
  return hold.name[max_name_bytes - 1] == '\0' && spawn(packet, (hold.flags & hold_early) != 0, &hold);
}

bool Server::spawn(const Packet& packet, bool early, const Hold* hold) {
  const size_t begin = sizeof(Header) + (hold != nullptr ? sizeof *hold : 0), head = begin + sizeof(Spawn);
  if (packet.size < head || packet.fd_count != max_fds) return false;
  Spawn request;
  memcpy(&request, buffer_ + begin, sizeof request);
  Child child;
  if (!parse_spawn(request, buffer_ + head, packet.size - head, child)) return false;
  child.early = early;
  int pidfd = -1;
  Spawned reply = {request.token, 0, 0};
  ChildFds fds = {packet.fds[0], packet.fds[1], packet.fds[2], packet.fds[3]};
  if (hold != nullptr) reply.error = streams_.hold(*hold, fds);
  if (reply.error == 0) {
    reply.error = start_child(child, fds, pidfd, reply.pid);
    if (hold != nullptr && reply.error == 0) streams_.started(fds, reply.pid);
    if (hold != nullptr && reply.error != 0) streams_.dropped(fds);
  }
  // An agent that does not read its answers is dropped; its child then finds its gate closed.
  bool answered = send(Type::spawned, &reply, sizeof reply, pidfd) == 0;
  if (pidfd >= 0) close(pidfd);
  return answered;
}

bool Server::claim(const Packet& packet) {
  Claim claim;
  if (packet.size != sizeof(Header) + sizeof claim || packet.fd_count != 0) return false;
  memcpy(&claim, buffer_ + sizeof(Header), sizeof claim);
  if (claim.name[max_name_bytes - 1] != '\0') return false;
  streams_.claim(claim);
  return true;
}

bool Server::attach(const Packet& packet) {
  Attach request;
  if (packet.size != sizeof(Header) + sizeof request || packet.fd_count != max_fds) return false;
  memcpy(&request, buffer_ + sizeof(Header), sizeof request);
  if (request.pid <= 0) return false;
  Attached reply = {request.token, 0, 0};
  reply.error = streams_.attach(request, packet.fds, reply.flags);
  return send(Type::attached, &reply, sizeof reply, -1) == 0;
}

bool Server::watch(const Packet& packet) {
  Watch request;
  if (packet.size != sizeof(Header) + sizeof request || packet.fd_count != 1) return false;
  memcpy(&request, buffer_ + sizeof(Header), sizeof request);
  if (request.pid <= 0) return false;
  int pidfd = -1;
  Watched reply = {request.token, start_watch(request.pid, packet.fds[0], pidfd), 0};
  bool answered = send(Type::watched, &reply, sizeof reply, pidfd) == 0;
  if (pidfd >= 0) close(pidfd);
  return answered;
}

// Gives 0 or an errno. Only this process reaps: a child that can be waited for keeps its number.
int Server::start_watch(int pid, int pipe, int& pidfd) {
  siginfo_t info;
  if (waitid(P_PID, static_cast<id_t>(pid), &info, WEXITED | WNOHANG | WNOWAIT) < 0) {
    const Exited* exit = exits_.last_of(pid);
    if (exit == nullptr) return ESRCH;
    Watches::write_status(pipe, exit->wait_status);
    exits_.forget(exit->serial);
    return 0;
  }
  if (watches_.full()) return EMFILE;
  int kept = fcntl(pipe, F_DUPFD_CLOEXEC, listen_ + 1);
  if (kept < 0) return errno;
  // Whoever made the pipe may have filled it: a status that does not fit is lost, this process is not.
  fcntl(kept, F_SETFL, O_WRONLY | O_NONBLOCK);
  pidfd = static_cast<int>(syscall(SYS_pidfd_open, pid, 0));
  if (pidfd >= 0) {
    watches_.add(pid, kept);
    return 0;
  }
  int error = errno;
  close(kept);
  return error;
}

// Gives 0 or an errno.
int Server::send(Type type, const void* payload, size_t size, int fd) {
  Header header = {type, static_cast<uint32_t>(size)};
  iovec parts[] = {{&header, sizeof header}, {const_cast<void*>(payload), size}};
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {};
  msghdr message = {};
  message.msg_iov = parts;
  message.msg_iovlen = 2;
  if (fd >= 0) {
    message.msg_control = control;
    message.msg_controllen = sizeof control;
    cmsghdr* c = CMSG_FIRSTHDR(&message);
    c->cmsg_level = SOL_SOCKET;
    c->cmsg_type = SCM_RIGHTS;
    c->cmsg_len = CMSG_LEN(sizeof fd);
    memcpy(CMSG_DATA(c), &fd, sizeof fd);
  }
  return sendmsg(agent_, &message, MSG_NOSIGNAL | MSG_DONTWAIT) < 0 ? errno : 0;
}

void Server::send_exits() {
  if (agent_ < 0) return;
  congested_ = false;
  while (const Exited* exit = exits_.after(sent_)) {
    int error = send(Type::exited, exit, sizeof *exit, -1);
    if (error == EAGAIN) {
      congested_ = true;
      return;
    }
    if (error != 0) return drop_agent();
    sent_ = exit->serial;
  }
}

}  // namespace podsd::sandbox
