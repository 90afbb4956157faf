// SPDX-License-Identifier: Apache-2.0
// The command line as tables: which options each command knows, and what each does to Options.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "agent/runtime/options.hpp"
#include "spec/result.hpp"

namespace podsd::runtime {

/// One option. `set` is given "" where it takes no value.
struct OptionRule {
  std::string_view name, letter;
  bool has_value;
  Result<void> (*set)(const std::string& value, Options& options);
};

/// What may follow a command's id.
enum class Behind { nothing, one_more, program };

struct CommandRule {
  std::string_view name;
  std::span<const OptionRule> rules, more_rules;
  bool has_id;
  Behind behind = Behind::nothing;
};

/// Those before the command.
[[nodiscard]] std::span<const OptionRule> global_rules();

[[nodiscard]] std::span<const CommandRule> command_rules();

}  // namespace podsd::runtime
