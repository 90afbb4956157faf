// SPDX-License-Identifier: Apache-2.0
#include "agent/image/pull_request.hpp"

#include "agent/image/digest.hpp"
#include "agent/image/json.hpp"

namespace podsd::image {

std::string request_text(const PullRequest& request) {
  return Json{{"reference", request.reference}, {"have", request.have}}.dump();
}

Result<PullRequest> parse_request(const std::string& text) {
  auto json = parse_json(text, "request");
  if (!json) return std::unexpected(json.error());
  auto reference = string_member(*json, "reference");
  auto have = string_member(*json, "have");
  if (!reference || !have || reference->empty()) return fail("bad request to pull an image");
  return PullRequest{std::move(*reference), std::move(*have)};
}

std::string pull_name(const std::string& reference) {
  return sha256_hex(reference).substr(0, 16);
}

}  // namespace podsd::image
