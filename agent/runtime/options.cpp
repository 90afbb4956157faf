// SPDX-License-Identifier: Apache-2.0
#include "agent/runtime/options.hpp"

#include <algorithm>
#include <charconv>
#include <string_view>

namespace podsd::runtime {
namespace {

constexpr int max_preserved_fds = 1024;
constexpr std::size_t max_id_bytes = 1024;

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

Result<void> store(Words& words, const std::string& option, std::string& where) {
  auto value = words.value(option);
  if (!value) return std::unexpected(value.error());
  where = *value;
  return {};
}

Result<void> global_option(Words& words, const std::string& option, Options& options) {
  std::string value;
  if (option == "--version" || option == "-v") return options.version = true, Result<void>{};
  if (option == "--help" || option == "-h") return options.help = true, Result<void>{};
  if (option == "--systemd-cgroup" || option == "--debug") return {};
  if (option == "--log") return store(words, option, options.log);
  if (option == "--root") return store(words, option, options.root);
  if (option == "--log-format") {
    if (auto done = store(words, option, value); !done) return done;
    if (value != "text" && value != "json") return fail("a log format must be text or json", value);
    options.log_json = value == "json";
    return {};
  }
  return fail("unknown option", option);
}

Result<void> preserve_fds(const std::string& value, Options& options) {
  auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), options.preserve_fds);
  bool number = error == std::errc() && end == value.data() + value.size();
  if (!number || options.preserve_fds < 0 || options.preserve_fds > max_preserved_fds)
    return fail("--preserve-fds must be a number from 0 to " + std::to_string(max_preserved_fds), value);
  return {};
}

Result<void> run_option(Words& words, const std::string& option, Options& options) {
  if (option == "--detach" || option == "-d") return options.detach = true, Result<void>{};
  if (option == "--no-pivot") return options.no_pivot = true, Result<void>{};
  if (option == "--bundle" || option == "-b") return store(words, option, options.bundle);
  if (option == "--pid-file") return store(words, option, options.pid_file);
  if (option == "--help" || option == "-h") return options.help = true, Result<void>{};
  if (option != "--preserve-fds") return fail("unknown option of run", option);
  std::string value;
  if (auto done = store(words, option, value); !done) return done;
  return preserve_fds(value, options);
}

bool valid_id(std::string_view id) {
  auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '+' || c == '-' || c == '.';
  };
  return !id.empty() && id.size() <= max_id_bytes && id != "." && id != ".." &&
         std::ranges::all_of(id, allowed);
}

template <typename Reader>
Result<void> read_options(Words& words, Options& options, Reader reader) {
  while (words.at_option()) {
    std::string option = words.next_option();
    if (auto done = reader(words, option, options); !done) return done;
    if (words.value_unused()) return fail("an option that takes no value", option);
  }
  return {};
}

Result<void> run_command(Words& words, Options& options) {
  if (auto done = read_options(words, options, run_option); !done || options.help) return done;
  if (words.empty()) return fail("run needs the container's id");
  options.id = words.next();
  if (!words.empty()) return fail("run takes one id", words.next());
  if (!valid_id(options.id)) return fail("an id is made of letters, digits and _+-.", options.id);
  return {};
}

}  // namespace

Result<void> parse_options(std::span<const char* const> arguments, Options& options) {
  Words words(arguments);
  if (auto done = read_options(words, options, global_option); !done) return done;
  if (options.version || options.help) return {};
  if (words.empty()) return fail("a command is missing: see podsd-runtime --help");
  options.command = words.next();
  if (options.command == "run") return run_command(words, options);
  constexpr std::string_view later[] = {"create", "start",    "state",      "kill",   "delete", "exec",
                                        "list",   "ps",       "pause",      "resume", "update", "events",
                                        "spec",   "features", "checkpoint", "restore"};
  if (std::ranges::count(later, options.command) != 0)
    return fail("command " + options.command + " is not supported yet");
  return fail("unknown command", options.command);
}

std::string usage() {
  return "podsd-runtime [--root DIR] [--log FILE] [--log-format text|json] [--systemd-cgroup] COMMAND\n"
         "\n"
         "Starts a container from an OCI bundle (config.json and a root file system).\n"
         "\n"
         "  run [OPTIONS] ID         create and start a container\n"
         "    -d, --detach             return once its program has been executed\n"
         "    -b, --bundle DIR         where config.json is; default: the current directory\n"
         "        --pid-file FILE      gets the process id of the container's init\n"
         "        --no-pivot           move the root instead of pivot_root, for a root on a ramfs\n"
         "        --preserve-fds N     hand N file descriptors from 3 on to the program\n"
         "\n"
         "  -h, --help               this text\n"
         "  -v, --version            the version\n";
}

}  // namespace podsd::runtime
