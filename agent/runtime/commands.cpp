// SPDX-License-Identifier: Apache-2.0
// The commands that look at containers or end them.
#include "agent/runtime/commands.hpp"

#include <poll.h>
#include <pwd.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <nlohmann/json.hpp>

#include "agent/runtime/hook_stages.hpp"
#include "agent/runtime/log.hpp"
#include "agent/runtime/own_cgroup.hpp"
#include "agent/runtime/processes.hpp"
#include "agent/runtime/state.hpp"

namespace podsd::runtime {
namespace {

// SIGKILL takes effect once the kernel has let go of the process: a disk that hangs can make that long.
constexpr int kill_deadline_ms = 10'000;

void print(const std::string& text) {
  ssize_t ignored = write(STDOUT_FILENO, text.data(), text.size());
  static_cast<void>(ignored);
}

nlohmann::ordered_json state_json(const Folder& folder, const State& state) {
  Status status = folder.status(state);
  nlohmann::ordered_json json{{"ociVersion", oci_version},
                              {"id", state.id},
                              {"status", text(status)},
                              {"pid", status == Status::stopped ? 0 : state.pid},
                              {"bundle", state.bundle},
                              {"created", state.created},
                              {"owner", ""}};
  if (!state.annotations.empty()) json["annotations"] = state.annotations;
  return json;
}

std::string dump(const nlohmann::ordered_json& json, int indent) {
  return json.dump(indent, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

std::string padded(std::string text, std::size_t width) {
  text.resize(std::max(text.size() + 1, width), ' ');
  return text;
}

}  // namespace

Result<void> kill_and_wait(const State& state) {
  auto init = open_init(state);
  if (!init) return {};  // it is gone already
  if (syscall(SYS_pidfd_send_signal, init->get(), SIGKILL, nullptr, 0) < 0 && errno != ESRCH)
    return fail("cannot kill the container", {}, errno);
  pollfd end = {init->get(), POLLIN, 0};
  int ended;
  do ended = poll(&end, 1, kill_deadline_ms);
  while (ended < 0 && errno == EINTR);
  if (ended <= 0) return fail("the container does not end");
  return {};
}

Result<int> state(const Options& options) {
  Folder folder(options.root, options.id);
  auto state = folder.load();
  if (!state) return std::unexpected(state.error());
  print(dump(state_json(folder, *state), 2));
  return 0;
}

Result<int> kill(const Options& options) {
  Folder folder(options.root, options.id);
  auto state = folder.load();
  if (!state) return std::unexpected(state.error());
  auto signal = signal_number(options.words.empty() ? "TERM" : options.words.front());
  if (!signal) return std::unexpected(signal.error());
  // Without a pid namespace of its own, the end of its init would leave the rest of it running.
  if (options.all || (*signal == SIGKILL && !state->cgroup.empty())) {
    auto done = signal_all(*state, *signal);
    return done ? Result<int>(0) : std::unexpected(done.error());
  }
  auto init = open_init(*state);
  if (!init) return std::unexpected(init.error());
  if (syscall(SYS_pidfd_send_signal, init->get(), *signal, nullptr, 0) < 0)
    return fail("cannot signal", {}, errno);
  return 0;
}

Result<int> remove(const Options& options) {
  Folder folder(options.root, options.id);
  auto state = folder.load();
  if (!state && state.error().code == ENOENT && options.force) {
    folder.remove();  // of a create that was killed
    return 0;
  }
  if (!state) return std::unexpected(state.error());
  Status status = folder.status(*state);
  if (status != Status::stopped && !options.force)
    return fail("cannot delete container that is not stopped", text(status));
  if (auto killed = kill_and_wait(*state); !killed) return std::unexpected(killed.error());
  if (auto removed = remove_cgroup(*state); !removed) return std::unexpected(removed.error());
  auto hooks = state->hooks ? load_hooks(folder) : Result<Hooks>();
  folder.remove();
  if (hooks)
    run_poststop_hooks(options, *hooks, *state);
  else
    log_warning(options, "the poststop hooks are lost: " + hooks.error().message());
  return 0;
}

Result<int> list(const Options& options) {
  auto all = nlohmann::ordered_json::array();
  for (const auto& id : container_ids(options.root)) {
    Folder folder(options.root, id);
    if (auto state = folder.load()) all.push_back(state_json(folder, *state));
  }
  if (options.json) return print(dump(all, -1)), 0;
  std::string out = options.quiet ? ""
                                  : padded("ID", 24) + padded("PID", 12) + padded("STATUS", 12) +
                                        padded("BUNDLE", 32) + "CREATED\n";
  for (const auto& one : all) {
    std::string id = one["id"];
    out += options.quiet ? id + "\n"
                         : padded(id, 24) + padded(std::to_string(one["pid"].get<int>()), 12) +
                               padded(one["status"], 12) + padded(one["bundle"], 32) +
                               one["created"].get<std::string>() + "\n";
  }
  print(out);
  return 0;
}

}  // namespace podsd::runtime
