// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "spec/result.hpp"

namespace podsd::runtime {

/// The value of a variable in a list of "NAME=value"; the last one wins. Null if there is none.
[[nodiscard]] const char* find_variable(const std::vector<std::string>& env, const std::string& name);

/// The file that `word` names: itself with a slash in it, else the first executable file of that name in the
/// directories of `path_list` (PATH), as execvp(3) looks for it. To be called as the user and in the root
/// that will run it. Errors as people know them from other runtimes: exec: "x": executable file not found in
/// $PATH.
[[nodiscard]] Result<std::string> find_program(const std::string& word, const char* path_list);

/// The home directory of a user from the /etc/passwd of the container (read with a cap); "/" if it is not
/// told there.
[[nodiscard]] std::string home_of(std::uint32_t uid);

/// What execve(2) takes: pointers into `texts`, and a null at the end.
[[nodiscard]] std::vector<char*> argument_pointers(std::vector<std::string>& texts);

/// All signals go back to their defaults and none stays blocked, so that a program starts as from a fresh
/// session.
void reset_signals();

/// strerror(3) with a small first letter, as it stands in messages that others compare.
[[nodiscard]] std::string error_text(int code);

}  // namespace podsd::runtime
