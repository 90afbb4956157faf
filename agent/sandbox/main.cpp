// SPDX-License-Identifier: Apache-2.0
// podsd-sandbox: one per pod. Holds the pod's ipc, uts, net and mount namespaces, is the parent of its
// containers (subreaper), starts podsd-runtime for the agent and keeps every exit until the agent has it. It
// knows the packets of protocol.hpp and nothing of pods, YAML, JSON or systemd; it allocates no memory and
// links nothing but libc.
//
// It ends at once on SIGTERM: systemd stops a pod's containers before its sandbox.
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "agent/sandbox/isolate.hpp"
#include "agent/sandbox/report.hpp"
#include "agent/sandbox/server.hpp"
#include "agent/sandbox/spawn.hpp"

namespace {

using namespace podsd::sandbox;

Server server;  // all zero, so that its room is not touched before it is needed

// The agent opens the gate once systemd has put this process into its scope.
void wait_at_gate() {
  char go;
  ssize_t n;
  do n = read(gate_fd, &go, 1);
  while (n < 0 && errno == EINTR);
  if (n != 1) _exit(exit_gate_closed);
  close(gate_fd);
}

// Not permitted without CAP_SYS_RESOURCE; the sandbox then is as good a victim as any.
void avoid_oom_killer() {
  int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
  if (fd < 0) return;
  ssize_t ignored = write(fd, "-998", 4);
  static_cast<void>(ignored);
  close(fd);
}

int watch_signals() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGCHLD);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGINT);
  sigprocmask(SIG_SETMASK, &set, nullptr);
  signal(SIGCHLD, SIG_DFL);  // inherited SIG_IGN would reap behind our back
  signal(SIGPIPE, SIG_IGN);  // stderr is a journal stream, and journald may be restarted
  return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

}  // namespace

int main(int argc, char** argv) {
  Options options = parse_options(argc, argv);
  fcntl(listen_fd, F_SETFD, FD_CLOEXEC);
  fcntl(listen_fd, F_SETFL, O_NONBLOCK);
  setsid();
  wait_at_gate();
  avoid_oom_killer();
  if (prctl(PR_SET_CHILD_SUBREAPER, 1) < 0) die("cannot become a subreaper", nullptr, 1);
  isolate(options);
  use_user_namespace(options.user_file);
  int signals = watch_signals();
  if (signals < 0) die("cannot open a signalfd", nullptr, 1);
  server.serve(listen_fd, signals);
  return 0;
}
