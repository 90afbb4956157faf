// SPDX-License-Identifier: Apache-2.0
#include "agent/runtime/console.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <cerrno>
#include <cstring>

#include "agent/os/fd_passing.hpp"
#include "agent/os/foreground.hpp"
#include "agent/runtime/unix_socket.hpp"

namespace podsd::runtime {
namespace {

constexpr std::string_view master_name = "/dev/ptmx";

Result<UniqueFd> receive_master(const UniqueFd& socket) {
  char name[master_name.size() + 1];
  auto master = receive_with_fd(socket, name);
  if (!master) return fail("the terminal", {}, master.error());
  if (!*master) return fail("the container's init sent no terminal");
  return master;
}

}  // namespace

Result<Console> open_console(const Options& options, bool terminal, bool stays) {
  Console console;
  if (!options.console_socket.empty() && (stays || !terminal))
    return fail("cannot use console socket if the runtime will not detach or allocate tty");
  if (!terminal) return console;
  if (!stays && options.console_socket.empty())
    return fail("cannot allocate tty if the runtime will detach without setting console socket");
  if (!stays) {
    auto connected = connect_unix(options.console_socket, "the console socket");
    if (!connected) return std::unexpected(connected.error());
    console.send = std::move(*connected);
    return console;
  }
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
    return fail("cannot make a socket pair", {}, errno);
  console.send.reset(ends[0]);
  console.receive.reset(ends[1]);
  return console;
}

void take_size_of_caller(Plan& plan) {
  for (Op& op : plan.ops) {
    auto* terminal = std::get_if<OpenTerminal>(&op);
    if (terminal == nullptr || terminal->rows != 0) continue;
    const auto size = terminal_size({STDIN_FILENO, STDOUT_FILENO});
    if (size) terminal->rows = size->ws_row, terminal->columns = size->ws_col;
  }
}

Result<void> send_master(const UniqueFd& socket, const UniqueFd& master) {
  if (auto sent = send_with_fd(socket, master_name, master); !sent)
    return fail("the terminal", {}, sent.error());
  return {};
}

Result<int> wait_in_foreground(const Container& container, const Console& console) {
  Foreground process;
  process.ended = container.pidfd.get();
  process.deliver = [&container](int signal) {
    syscall(SYS_pidfd_send_signal, container.pidfd.get(), signal, nullptr, 0);
  };
  sigfillset(&process.signals);
  if (console.receive) {
    auto master = receive_master(console.receive);
    if (!master) return std::unexpected(master.error());
    UniqueFd output(fcntl(master->get(), F_DUPFD_CLOEXEC, 3));
    if (!output) return fail("cannot duplicate the terminal", {}, errno);
    process.outputs.push_back({std::move(output), STDOUT_FILENO});
    process.input = std::move(*master);
    process.terminal = true;
    process.in = STDIN_FILENO;
  }
  if (auto ended = stay_until_end(process); !ended) return std::unexpected(ended.error());
  siginfo_t info = {};
  if (waitid(P_PIDFD, static_cast<id_t>(container.pidfd.get()), &info, WEXITED) < 0)
    return fail("cannot wait for the container", {}, errno);
  return info.si_code == CLD_EXITED ? info.si_status : 128 + info.si_status;
}

}  // namespace podsd::runtime
