// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "agent/cli/command.hpp"
#include "spec/manifest.hpp"

namespace podsd::cli {

/// A manifest's text: the file, or standard input for "-". Errors: it cannot be read; it is longer than
/// spec::max_manifest_bytes.
[[nodiscard]] Result<std::string> read_manifest(const std::string& file);

/// `podsctl validate FILE...`: every diagnostic of every file, then "FILE: ok, pods: a, b" for those without
/// an error. Exit::failed where one file has an error. Needs no agent.
int validate(const std::vector<std::string>& files, const Terminal& terminal);

/// Prints the diagnostics of one manifest to the error stream; gives whether none is an error.
bool print_diagnostics(const spec::Manifest& manifest, const Terminal& terminal);

}  // namespace podsd::cli
