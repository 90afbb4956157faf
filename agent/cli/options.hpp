// SPDX-License-Identifier: Apache-2.0
// Options that several commands have.
#pragma once

#include <CLI/CLI.hpp>
#include <map>
#include <memory>
#include <string>

#include "agent/cli/get.hpp"

namespace podsd::cli {

inline const std::map<std::string, Output> outputs{
    {"wide", Output::wide}, {"json", Output::json}, {"yaml", Output::yaml}, {"name", Output::name}};

/// `-o FORMAT`, one of outputs.
inline void add_output(CLI::App& command, const std::shared_ptr<std::string>& output) {
  command.add_option("-o,--output", *output, "wide, json, yaml or name")
      ->type_name("FORMAT")
      ->check(CLI::IsMember(outputs));
}

/// What add_output() has read; a table where it was not given.
[[nodiscard]] inline Output output_of(const std::string& name) {
  const auto found = outputs.find(name);
  return found == outputs.end() ? Output::table : found->second;
}

}  // namespace podsd::cli
