// SPDX-License-Identifier: Apache-2.0
// What the agent and podsd-pull@.service tell each other.
#pragma once

#include <string>

#include "spec/result.hpp"

namespace podsd::image {

/// What is to be pulled; the agent writes it to a file for the service.
struct PullRequest {
  std::string reference;  ///< normalized
  std::string have;       ///< digest of the image that the store has under that name; may be empty
};

[[nodiscard]] std::string request_text(const PullRequest& request);
/// Errors: not what request_text writes.
[[nodiscard]] Result<PullRequest> parse_request(const std::string& text);

/// The name of a pull, in its unit podsd-pull@NAME.service and its folders: 16 hex digits.
[[nodiscard]] std::string pull_name(const std::string& reference);

/// In the folder of a pull: why it failed, one line.
inline constexpr const char* pull_error_file = "error";

}  // namespace podsd::image
