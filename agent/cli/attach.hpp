// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "agent/cli/command.hpp"

namespace podsd::cli {

struct AttachOptions {
  std::string pod;
  std::string container;  ///< empty: the first
  std::string ns = "default";
  std::string journal;  ///< a folder of journal files; empty: this machine's
  bool stdin = false;   ///< this command's standard input reaches the container's
  bool tty = false;     ///< a word is said where the container has no terminal
};

/// `podsctl attach`: shows what a container writes from now on until it ends, and hands it this command's
/// standard input, as kubectl attach does; a container that has neither a standard input nor a terminal is
/// followed in the journal. A terminal is raw meanwhile, and ^P ^Q leave it. Signals end this command, never
/// the container. Gives the container's exit status, 128 + n for a signal n; 0 where it was left by keys.
int attach(const AttachOptions& options, const Connect& connect, const Terminal& terminal);

}  // namespace podsd::cli
