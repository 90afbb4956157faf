// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <linux/filter.h>

#include <vector>

#include "agent/os/unique_fd.hpp"
#include "spec/result.hpp"

namespace podsd::image {

using Filter = std::vector<sock_filter>;

/// What is confined: our own code, or a program that reads a tree and writes one file.
enum class Confined { work, program };

/// The seccomp filter of confine(): before the process is made.
[[nodiscard]] Result<Filter> make_filter(Confined what);

/// Takes from this process whatever confined() or confined_program() says, for good. Gives another fd of
/// `folder`, the one that can be written through; for a program the folder's path can be, too.
[[nodiscard]] Result<UniqueFd> confine(int folder, const Filter& filter, Confined what);

}  // namespace podsd::image
