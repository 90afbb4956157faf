// SPDX-License-Identifier: Apache-2.0
// exec: another process in a running container.
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>

#include "agent/os/pidfd.hpp"
#include "agent/runtime/cgroup.hpp"
#include "agent/runtime/commands.hpp"
#include "agent/runtime/console.hpp"
#include "agent/runtime/container.hpp"
#include "agent/runtime/files.hpp"
#include "agent/runtime/state.hpp"

namespace podsd::runtime {
namespace {

Result<std::uint32_t> id_of(std::string_view text) {
  std::uint32_t id = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), id);
  if (error != std::errc() || end != text.data() + text.size() || id == UINT32_MAX)
    return fail("--user must be UID or UID:GID, in numbers", std::string(text));
  return id;
}

Result<void> set_user(const std::string& text, Process& process) {
  auto colon = text.find(':');
  auto uid = id_of(std::string_view(text).substr(0, colon));
  if (!uid) return std::unexpected(uid.error());
  process.uid = *uid;
  if (colon == std::string::npos) return {};
  auto gid = id_of(std::string_view(text).substr(colon + 1));
  if (!gid) return std::unexpected(gid.error());
  process.gid = *gid;
  return {};
}

// The container's own process with what the command line says over it.
Result<Process> process_of(const Options& options, const Config& config) {
  if (!options.process.empty()) {
    auto text = read_file(options.process, max_config_bytes);
    if (!text) return std::unexpected(text.error());
    return parse_process(*text);
  }
  Process process = config.process;
  if (options.words.empty()) return fail("exec needs a program");
  process.args = options.words;
  process.terminal = options.tty;  // whatever the container has
  process.env.insert(process.env.end(), options.env.begin(), options.env.end());
  if (!options.cwd.empty()) process.cwd = options.cwd;
  if (!options.user.empty())
    if (auto done = set_user(options.user, process); !done) return std::unexpected(done.error());
  for (const auto& name : options.capabilities)
    for (auto* set :
         {&process.capabilities.bounding, &process.capabilities.permitted, &process.capabilities.effective})
      set->push_back(name);
  process.additional_gids.insert(process.additional_gids.end(), options.additional_gids.begin(),
                                 options.additional_gids.end());
  process.no_new_privileges = process.no_new_privileges || options.no_new_privileges;
  return process;
}

// None where it is the caller's own.
Result<UniqueFd> cgroup_of(int pid, const std::string& below) {
  auto its = cgroup_path_of(std::to_string(pid)), mine = cgroup_path_of("self");
  if (!its) return std::unexpected(its.error());
  if (below.empty() && (!mine || *its == *mine)) return UniqueFd();
  auto cgroup = Cgroup::open(*its);
  if (!cgroup) return fail("cannot open the container's cgroup", *its, cgroup.error());
  open_how how = {};
  how.flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC;
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS;
  const char* name = below.c_str() + std::min(below.find_first_not_of('/'), below.size());
  UniqueFd folder(static_cast<int>(
      syscall(SYS_openat2, cgroup->folder().get(), *name == '\0' ? "." : name, &how, sizeof how)));
  if (!folder) return fail("cannot open a cgroup of the container", below, errno);
  return folder;
}

}  // namespace

Result<int> exec(const Options& options) {
  Folder folder(options.root, options.id);
  auto state = folder.load();
  if (!state) return std::unexpected(state.error());
  auto init = open_init(*state);
  if (!init) return fail("cannot exec in a stopped container");
  // A process that is born into a frozen cgroup would not even tell that it is there.
  if (!options.ignore_paused && folder.status(*state) == Status::paused)
    return fail("cannot exec in a paused container (use --ignore-paused to override)");
  auto text = folder.load_config();
  if (!text) return std::unexpected(text.error());
  auto config = parse_config(*text);
  if (!config) return std::unexpected(config.error());
  auto process = process_of(options, *config);
  if (!process) return std::unexpected(process.error());
  process->personality = config->process.personality;
  if (!options.apparmor.empty()) process->apparmor = options.apparmor;
  if (!options.process_label.empty()) process->selinux = options.process_label;
  auto plan = prepare_plan(options, *config, build_process_plan(*process));
  if (!plan) return std::unexpected(plan.error());
  auto cgroup = cgroup_of(state->pid, options.cgroup);
  if (!cgroup) return std::unexpected(cgroup.error());
  if (!options.detach) take_size_of_caller(*plan);
  auto console = open_console(options, process->terminal, !options.detach);
  if (!console) return std::unexpected(console.error());
  auto agent = connect_seccomp_agent(*config, plan->filter);
  if (!agent) return std::unexpected(agent.error());
  if (!options.detach) block_signals();
  if (auto done = set_affinity(process->initial_cpus); !done) return std::unexpected(done.error());
  auto container = enter_container(
      *plan, {{}, {}, options.preserve_fds, true, std::move(console->send), *state, std::move(*agent), {}},
      *init, *cgroup);
  if (!container) return std::unexpected(container.error());
  if (auto told = announce(options, *container, "setns"); !told) {
    kill_container(*container);
    return std::unexpected(told.error());
  }
  if (options.detach) return 0;
  return wait_in_foreground(*container, *console);
}

}  // namespace podsd::runtime
