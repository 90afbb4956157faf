// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <linux/filter.h>

#include <vector>

#include "agent/os/unique_fd.hpp"
#include "spec/result.hpp"

namespace podsd::image {

using Filter = std::vector<sock_filter>;

/// The seccomp filter of confine(): before the process is made.
[[nodiscard]] Result<Filter> make_filter();

/// Takes from this process whatever confined() says, for good. Gives another fd of `folder`, the one that can
/// be written through.
[[nodiscard]] Result<UniqueFd> confine(int folder, const Filter& filter);

}  // namespace podsd::image
