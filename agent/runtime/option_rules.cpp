// SPDX-License-Identifier: Apache-2.0
#include "agent/runtime/option_rules.hpp"

#include <unistd.h>

#include <algorithm>
#include <charconv>

namespace podsd::runtime {
namespace {

constexpr int max_preserved_fds = 1024;
constexpr std::uint64_t max_id_number = 0xfffffffe;

template <typename Number>
bool read_number(const std::string& text, Number& number) {
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size();
}

Result<void> preserve_fds(const std::string& value, Options& options) {
  if (!read_number(value, options.preserve_fds) || options.preserve_fds < 0 ||
      options.preserve_fds > max_preserved_fds)
    return fail("--preserve-fds must be a number from 0 to " + std::to_string(max_preserved_fds), value);
  return {};
}

Result<void> gate(const std::string& value, Options& options) {
  if (!read_number(value, options.gate) || options.gate <= STDERR_FILENO)
    return fail("--gate must be a file descriptor above 2", value);
  return {};
}

Result<void> log_format(const std::string& value, Options& options) {
  if (value != "text" && value != "json") return fail("a log format must be text or json", value);
  options.log_json = value == "json";
  return {};
}

Result<void> list_format(const std::string& value, Options& options) {
  if (value != "table" && value != "json") return fail("a format must be table or json", value);
  options.json = value == "json";
  return {};
}

Result<void> interval(const std::string& value, Options& options) {
  std::string number = value.ends_with('s') ? value.substr(0, value.size() - 1) : value;
  if (!read_number(number, options.interval) || options.interval <= 0)
    return fail("--interval must be a number of seconds like 5s", value);
  return {};
}

Result<void> rootless(const std::string& value, Options&) {
  if (value != "true" && value != "false" && value != "auto")
    return fail("--rootless must be true, false or auto", value);
  return {};
}

Result<void> additional_group(const std::string& value, Options& options) {
  std::uint64_t gid = 0;
  if (!read_number(value, gid) || gid > max_id_number)
    return fail("--additional-gids must be a group's number", value);
  options.additional_gids.push_back(static_cast<std::uint32_t>(gid));
  return {};
}

template <auto Member>
Result<void> text(const std::string& value, Options& options) {
  options.*Member = value;
  return {};
}
template <auto Member>
Result<void> more(const std::string& value, Options& options) {
  (options.*Member).push_back(value);
  return {};
}
template <auto Member>
Result<void> flag(const std::string&, Options& options) {
  options.*Member = true;
  return {};
}
Result<void> nothing(const std::string&, Options&) {
  return {};
}

template <auto Member>
Result<void> limit(const std::string& value, Options& options) {
  options.limits.*Member = value;
  return {};
}
// What update knows for cgroup v1 or for other hardware: taken only where it says nothing.
Result<void> no_limit(const std::string& value, Options&) {
  if (value.empty() || value == "0") return {};
  return fail("a limit that cgroup v2 does not have", value);
}

constexpr OptionRule help = {"--help", "-h", false, flag<&Options::help>};

// runc's, which callers pass whatever the runtime: --criu names the program of checkpoint and restore, which
// are errors here.
constexpr OptionRule globals[] = {
    {"--version", "-v", false, flag<&Options::version>},
    help,
    {"--systemd-cgroup", "", false, flag<&Options::systemd_cgroup>},
    {"--debug", "", false, nothing},
    {"--criu", "", true, nothing},
    {"--rootless", "", true, rootless},
    {"--log", "", true, text<&Options::log>},
    {"--root", "", true, text<&Options::root>},
    {"--cache", "", true, text<&Options::cache>},
    {"--log-format", "", true, log_format},
};

constexpr OptionRule create_rules[] = {
    help,
    {"--bundle", "-b", true, text<&Options::bundle>},
    {"--pid-file", "", true, text<&Options::pid_file>},
    {"--console-socket", "", true, text<&Options::console_socket>},
    {"--pidfd-socket", "", true, text<&Options::pidfd_socket>},
    {"--no-pivot", "", false, flag<&Options::no_pivot>},
    {"--no-new-keyring", "", false, flag<&Options::no_new_keyring>},
    {"--preserve-fds", "", true, preserve_fds},
    {"--gate", "", true, gate},
};
constexpr OptionRule run_rules[] = {
    {"--detach", "-d", false, flag<&Options::detach>},
    {"--keep", "", false, flag<&Options::keep>},
    {"--no-subreaper", "", false, nothing},
};
constexpr OptionRule exec_rules[] = {
    help,
    {"--process", "-p", true, text<&Options::process>},
    {"--detach", "-d", false, flag<&Options::detach>},
    {"--pid-file", "", true, text<&Options::pid_file>},
    {"--console-socket", "", true, text<&Options::console_socket>},
    {"--pidfd-socket", "", true, text<&Options::pidfd_socket>},
    {"--tty", "-t", false, flag<&Options::tty>},
    {"--cgroup", "", true, text<&Options::cgroup>},
    {"--ignore-paused", "", false, flag<&Options::ignore_paused>},
    {"--no-subreaper", "", false, nothing},
    {"--apparmor", "", true, text<&Options::apparmor>},
    {"--process-label", "", true, text<&Options::process_label>},
    {"--cwd", "", true, text<&Options::cwd>},
    {"--user", "-u", true, text<&Options::user>},
    {"--env", "-e", true, more<&Options::env>},
    {"--cap", "-c", true, more<&Options::capabilities>},
    {"--additional-gids", "-g", true, additional_group},
    {"--no-new-privs", "", false, flag<&Options::no_new_privileges>},
    {"--preserve-fds", "", true, preserve_fds},
};
constexpr OptionRule delete_rules[] = {help, {"--force", "-f", false, flag<&Options::force>}};
constexpr OptionRule list_rules[] = {
    help, {"--quiet", "-q", false, flag<&Options::quiet>}, {"--format", "-f", true, list_format}};
constexpr OptionRule spec_rules[] = {help, {"--bundle", "-b", true, text<&Options::bundle>}};
constexpr OptionRule plain_rules[] = {help};
constexpr OptionRule kill_rules[] = {help, {"--all", "-a", false, flag<&Options::all>}};
constexpr OptionRule ps_rules[] = {help, {"--format", "-f", true, list_format}};
constexpr OptionRule events_rules[] = {
    help, {"--stats", "", false, flag<&Options::stats>}, {"--interval", "", true, interval}};
constexpr OptionRule update_rules[] = {
    help,
    {"--resources", "-r", true, text<&Options::resources>},
    {"--memory", "-m", true, limit<&LimitWords::memory>},
    {"--memory-reservation", "", true, limit<&LimitWords::memory_reservation>},
    {"--memory-swap", "", true, limit<&LimitWords::memory_swap>},
    {"--cpu-share", "", true, limit<&LimitWords::cpu_shares>},
    {"--cpu-shares", "", true, limit<&LimitWords::cpu_shares>},
    {"--cpu-quota", "", true, limit<&LimitWords::cpu_quota>},
    {"--cpu-period", "", true, limit<&LimitWords::cpu_period>},
    {"--cpu-burst", "", true, limit<&LimitWords::cpu_burst>},
    {"--cpu-idle", "", true, limit<&LimitWords::cpu_idle>},
    {"--cpuset-cpus", "", true, limit<&LimitWords::cpuset_cpus>},
    {"--cpuset-mems", "", true, limit<&LimitWords::cpuset_mems>},
    {"--pids-limit", "", true, limit<&LimitWords::pids_limit>},
    {"--blkio-weight", "", true, limit<&LimitWords::blkio_weight>},
    {"--cpu-rt-period", "", true, no_limit},
    {"--cpu-rt-runtime", "", true, no_limit},
    {"--kernel-memory", "", true, nothing},
    {"--kernel-memory-tcp", "", true, nothing},
};

constexpr CommandRule commands[] = {
    {"run", create_rules, run_rules, true},
    {"create", create_rules, {}, true},
    {"start", plain_rules, {}, true},
    {"state", plain_rules, {}, true},
    {"kill", kill_rules, {}, true, Behind::one_more},
    {"delete", delete_rules, {}, true},
    {"exec", exec_rules, {}, true, Behind::program},
    {"list", list_rules, {}, false},
    {"ps", ps_rules, {}, true, Behind::program},
    {"pause", plain_rules, {}, true},
    {"resume", plain_rules, {}, true},
    {"update", update_rules, {}, true},
    {"events", events_rules, {}, true},
    {"spec", spec_rules, {}, false},
    {"features", plain_rules, {}, false},
};

}  // namespace

std::span<const OptionRule> global_rules() {
  return globals;
}

std::span<const CommandRule> command_rules() {
  return commands;
}

}  // namespace podsd::runtime
