// SPDX-License-Identifier: Apache-2.0
#include "agent/runtime/seccomp_agent.hpp"

#include <linux/seccomp.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <nlohmann/json.hpp>

#include "agent/os/fd_passing.hpp"
#include "agent/runtime/config.hpp"
#include "agent/runtime/seccomp.hpp"
#include "agent/runtime/unix_socket.hpp"

namespace podsd::runtime {

Result<SeccompAgent> connect_seccomp_agent(const Config& config, const LoadedFilter& filter) {
  SeccompAgent agent;
  if ((filter.flags & SECCOMP_FILTER_FLAG_NEW_LISTENER) == 0) return agent;
  if (config.seccomp_listener.empty())
    return fail("linux.seccomp.listenerPath", "is missing beside SCMP_ACT_NOTIFY");
  auto socket = connect_unix(config.seccomp_listener, "linux.seccomp.listenerPath");
  if (!socket) return std::unexpected(socket.error());
  agent.socket = std::move(*socket);
  agent.metadata = config.seccomp_metadata;
  return agent;
}

void describe_process(SeccompAgent& agent, const State& state, Status status, int pid) {
  const int container = status == Status::running ? state.pid : pid;
  auto its = nlohmann::ordered_json::parse(state_text(state, status, container));
  nlohmann::ordered_json json{{"ociVersion", its["ociVersion"]}, {"fds", {"seccompFd"}}, {"pid", pid}};
  if (!agent.metadata.empty()) json["metadata"] = agent.metadata;
  json["state"] = std::move(its);
  agent.text = json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

Result<int> own_pid() {
  char text[32];
  const ssize_t size = readlink("/proc/self", text, sizeof text);
  int pid = 0;
  if (size <= 0) return fail("cannot read", "/proc/self", errno);
  if (std::from_chars(text, text + size, pid).ptr != text + size) return fail("is no pid", "/proc/self");
  return pid;
}

Result<void> hand_over(SeccompAgent& agent, const UniqueFd& listener) {
  auto sent = send_with_fd(agent.socket, agent.text, listener);
  agent.socket.reset();
  if (!sent) return fail("cannot send the seccomp listener", {}, sent.error());
  return {};
}

}  // namespace podsd::runtime
