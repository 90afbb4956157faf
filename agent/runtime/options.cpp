// SPDX-License-Identifier: Apache-2.0
#include "agent/runtime/options.hpp"

#include <algorithm>
#include <charconv>
#include <csignal>
#include <cstring>
#include <string_view>

namespace podsd::runtime {
namespace {

constexpr int max_preserved_fds = 1024;
constexpr std::size_t max_id_bytes = 1024;
constexpr std::uint64_t max_id_number = 0xfffffffe;

// Walks over words: "--name value", "--name=value", "-n value" and flags.
class Words {
 public:
  explicit Words(std::span<const char* const> words) : words_(words) {}

  [[nodiscard]] bool at_option() const {
    return !words_.empty() && words_.front()[0] == '-' && words_.front()[1] != '\0';
  }
  [[nodiscard]] bool empty() const { return words_.empty(); }
  std::string next() {
    std::string word = words_.front();
    words_ = words_.subspan(1);
    return word;
  }

  // Splits "--name=value"; the value waits for value().
  std::string next_option() {
    std::string word = next();
    auto equals = word.starts_with("--") ? word.find('=') : std::string::npos;
    attached_ = equals != std::string::npos;
    if (attached_) value_ = word.substr(equals + 1);
    return word.substr(0, equals);
  }

  Result<std::string> value(const std::string& option) {
    if (std::exchange(attached_, false)) return value_;
    if (words_.empty()) return fail("an option lacks its value", option);
    return next();
  }

  [[nodiscard]] bool value_unused() const { return attached_; }

 private:
  std::span<const char* const> words_;
  bool attached_ = false;
  std::string value_;
};

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

Result<void> additional_group(const std::string& value, Options& options) {
  std::uint64_t gid = 0;
  if (!read_number(value, gid) || gid > max_id_number)
    return fail("--additional-gids must be a group's number", value);
  options.additional_gids.push_back(static_cast<std::uint32_t>(gid));
  return {};
}

using Setter = Result<void> (*)(const std::string& value, Options& options);

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

struct Rule {
  std::string_view name, letter;
  bool has_value;
  Setter set;
};

constexpr Rule global_rules[] = {
    {"--version", "-v", false, flag<&Options::version>},
    {"--help", "-h", false, flag<&Options::help>},
    {"--systemd-cgroup", "", false, nothing},
    {"--debug", "", false, nothing},
    {"--log", "", true, text<&Options::log>},
    {"--root", "", true, text<&Options::root>},
    {"--cache", "", true, text<&Options::cache>},
    {"--log-format", "", true, log_format},
};

constexpr Rule create_rules[] = {
    {"--help", "-h", false, flag<&Options::help>},
    {"--bundle", "-b", true, text<&Options::bundle>},
    {"--pid-file", "", true, text<&Options::pid_file>},
    {"--console-socket", "", true, text<&Options::console_socket>},
    {"--no-pivot", "", false, flag<&Options::no_pivot>},
    {"--no-new-keyring", "", false, flag<&Options::no_new_keyring>},
    {"--preserve-fds", "", true, preserve_fds},
};
constexpr Rule run_rules[] = {
    {"--detach", "-d", false, flag<&Options::detach>},
    {"--keep", "", false, flag<&Options::keep>},
};
constexpr Rule exec_rules[] = {
    {"--help", "-h", false, flag<&Options::help>},
    {"--process", "-p", true, text<&Options::process>},
    {"--detach", "-d", false, flag<&Options::detach>},
    {"--pid-file", "", true, text<&Options::pid_file>},
    {"--console-socket", "", true, text<&Options::console_socket>},
    {"--tty", "-t", false, flag<&Options::tty>},
    {"--cgroup", "", true, text<&Options::cgroup>},
    {"--ignore-paused", "", false, nothing},
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
constexpr Rule delete_rules[] = {{"--help", "-h", false, flag<&Options::help>},
                                 {"--force", "-f", false, flag<&Options::force>}};
constexpr Rule list_rules[] = {{"--help", "-h", false, flag<&Options::help>},
                               {"--quiet", "-q", false, flag<&Options::quiet>},
                               {"--format", "-f", true, list_format}};
constexpr Rule plain_rules[] = {{"--help", "-h", false, flag<&Options::help>}};

enum class Behind { nothing, one_more, program };

struct Command {
  std::string_view name;
  std::span<const Rule> rules, more_rules;
  bool has_id;
  Behind behind = Behind::nothing;
};

constexpr Command commands[] = {
    {"run", create_rules, run_rules, true},
    {"create", create_rules, {}, true},
    {"start", plain_rules, {}, true},
    {"state", plain_rules, {}, true},
    {"kill", plain_rules, {}, true, Behind::one_more},
    {"delete", delete_rules, {}, true},
    {"exec", exec_rules, {}, true, Behind::program},
    {"list", list_rules, {}, false},
};

const Rule* find_rule(std::span<const Rule> rules, const std::string& option) {
  auto found = std::ranges::find_if(rules, [&](const Rule& rule) {
    return rule.name == option || (!rule.letter.empty() && rule.letter == option);
  });
  return found == rules.end() ? nullptr : &*found;
}

Result<void> read_options(Words& words, std::span<const Rule> rules, std::span<const Rule> more_rules,
                          const std::string& of, Options& options) {
  while (words.at_option()) {
    std::string option = words.next_option(), value;
    if (option == "--") return {};
    const Rule* rule = find_rule(rules, option);
    if (rule == nullptr) rule = find_rule(more_rules, option);
    if (rule == nullptr) return fail("unknown option" + of, option);
    if (rule->has_value) {
      auto given = words.value(option);
      if (!given) return std::unexpected(given.error());
      value = std::move(*given);
    }
    if (words.value_unused()) return fail("an option that takes no value", option);
    if (auto done = rule->set(value, options); !done) return done;
  }
  return {};
}

bool valid_id(std::string_view id) {
  auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '+' || c == '-' || c == '.';
  };
  // A leading dot hides what is not a container in the folder of states.
  return !id.empty() && id.size() <= max_id_bytes && id.front() != '.' && std::ranges::all_of(id, allowed);
}

Result<void> read_operands(Words& words, const Command& command, Options& options) {
  std::string name(command.name);
  if (command.has_id) {
    if (words.empty()) return fail(name + " needs the container's id");
    options.id = words.next();
    if (!valid_id(options.id)) return fail("an id is made of letters, digits and _+-.", options.id);
  }
  if (command.behind == Behind::program && !words.empty() && words.at_option()) {
    // runc's "exec ID -- program" and "exec ID program" are the same.
    std::string word = words.next();
    if (word != "--") options.words.push_back(word);
  }
  while (!words.empty()) options.words.push_back(words.next());
  std::size_t most = command.behind == Behind::nothing    ? 0
                     : command.behind == Behind::one_more ? 1
                                                          : SIZE_MAX;
  if (options.words.size() > most) return fail(name + " takes no more words", options.words[most]);
  return {};
}

}  // namespace

Result<void> parse_options(std::span<const char* const> arguments, Options& options) {
  Words words(arguments);
  if (auto done = read_options(words, global_rules, {}, "", options); !done) return done;
  if (options.version || options.help) return {};
  if (words.empty()) return fail("a command is missing: see podsd-runtime --help");
  options.command = words.next();
  auto command = std::ranges::find(commands, options.command, &Command::name);
  if (command == std::end(commands)) {
    constexpr std::string_view later[] = {"ps",   "pause",    "resume",     "update", "events",
                                          "spec", "features", "checkpoint", "restore"};
    if (std::ranges::count(later, options.command) != 0)
      return fail("command " + options.command + " is not supported yet");
    return fail("unknown command", options.command);
  }
  auto done = read_options(words, command->rules, command->more_rules, " of " + options.command, options);
  if (!done || options.help) return done;
  return read_operands(words, *command, options);
}

Result<int> signal_number(const std::string& word) {
  int number = 0;
  if (read_number(word, number)) {
    if (number > 0 && number <= SIGRTMAX) return number;
    return fail("no signal has that number", word);
  }
  std::string_view name = word;
  if (name.starts_with("SIG")) name.remove_prefix(3);
  for (int signal = 1; signal < NSIG; ++signal)
    if (const char* known = sigabbrev_np(signal); known != nullptr && name == known) return signal;
  return fail("unknown signal", word);
}

std::string usage() {
  return "podsd-runtime [--root DIR] [--cache DIR] [--log FILE] [--log-format text|json] [--systemd-cgroup] "
         "COMMAND\n"
         "\n"
         "Runs containers from OCI bundles (config.json and a root file system).\n"
         "\n"
         "  create [OPTIONS] ID      set a container up, all but its program\n"
         "  start ID                 execute the program of a created container\n"
         "  run [OPTIONS] ID         both at once\n"
         "    -b, --bundle DIR         where config.json is; default: the current directory\n"
         "        --pid-file FILE      gets the process id of the container's init\n"
         "        --console-socket S   gets the master of the terminal, where process.terminal asks for one\n"
         "        --no-pivot           move the root instead of pivot_root, for a root on a ramfs\n"
         "        --no-new-keyring     keep the caller's session keyring\n"
         "        --preserve-fds N     hand N file descriptors from 3 on to the program\n"
         "    -d, --detach             run: return once the program has been executed\n"
         "        --keep               run: the container stays known after its end\n"
         "  exec [OPTIONS] ID WORD…  another program in a running container\n"
         "    -p, --process FILE       an OCI process object, in place of the options below and the words\n"
         "    -t, --tty                with a terminal; with -d its master goes to --console-socket S\n"
         "        --cgroup PATH        in a cgroup below the container's\n"
         "    -d, --detach, --pid-file FILE, --preserve-fds N, --cwd DIR, -e, --env NAME=VALUE,\n"
         "    -u, --user UID[:GID], -g, --additional-gids GID, -c, --cap NAME, --no-new-privs\n"
         "  state ID                 what is known of a container, as JSON\n"
         "  kill ID [SIGNAL]         send its init a signal; default: TERM\n"
         "  delete [-f] ID           forget a stopped container; -f kills it before\n"
         "  list [-q] [-f json]      all containers\n"
         "\n"
         "  -h, --help               this text\n"
         "  -v, --version            the version\n";
}

}  // namespace podsd::runtime
