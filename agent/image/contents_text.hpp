// SPDX-License-Identifier: Apache-2.0
// How the confined process that reads an image's documents tells of them: texts with their lengths before
// them, which take no parser worth attacking.
#pragma once

#include <functional>
#include <string>

#include "agent/image/folders.hpp"
#include "agent/image/manifest.hpp"

namespace podsd::image {

[[nodiscard]] std::string contents_text(const Contents& contents);

/// What contents_text() wrote, by a process that may have been taken over. Digests of manifest and
/// configuration are computed again, so are the chain ids; names of blobs are digests. Errors: anything else.
[[nodiscard]] Result<Contents> parse_contents(const std::string& text);

/// Runs `read` in a confined process (confined.hpp), with a workspace of the store's, and gives what it gave.
/// Errors: its own; `budget.time` is over.
[[nodiscard]] Result<Contents> read_confined(const Folders& folders, const Budget& budget,
                                             const std::function<Result<Contents>()>& read);

}  // namespace podsd::image
