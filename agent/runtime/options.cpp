// SPDX-License-Identifier: Apache-2.0
#include "agent/runtime/options.hpp"

#include <algorithm>
#include <charconv>
#include <csignal>
#include <cstring>
#include <string_view>

#include "agent/runtime/option_rules.hpp"

namespace podsd::runtime {
namespace {

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

template <typename Number>
bool read_number(const std::string& text, Number& number) {
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size();
}

const OptionRule* find_rule(std::span<const OptionRule> rules, const std::string& option) {
  auto found = std::ranges::find_if(rules, [&](const OptionRule& rule) {
    return rule.name == option || (!rule.letter.empty() && rule.letter == option);
  });
  return found == rules.end() ? nullptr : &*found;
}

Result<void> read_options(Words& words, std::span<const OptionRule> rules,
                          std::span<const OptionRule> more_rules, const std::string& of, Options& options) {
  while (words.at_option()) {
    std::string option = words.next_option(), value;
    if (option == "--") return {};
    const OptionRule* rule = find_rule(rules, option);
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

Result<void> read_operands(Words& words, const CommandRule& command, Options& options) {
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
  if (auto done = read_options(words, global_rules(), {}, "", options); !done) return done;
  if (options.version || options.help) return {};
  if (words.empty()) return fail("a command is missing: see podsd-runtime --help");
  options.command = words.next();
  auto command = std::ranges::find(command_rules(), options.command, &CommandRule::name);
  if (command == command_rules().end()) {
    constexpr std::string_view later[] = {"checkpoint", "restore"};
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

}  // namespace podsd::runtime
