// SPDX-License-Identifier: Apache-2.0
#include "agent/image/gc_request.hpp"

#include "agent/image/json.hpp"

namespace podsd::image {

std::string gc_request_text(const GcRequest& request) {
  return Json{{"high", request.config.high_percent},
              {"low", request.config.low_percent},
              {"age", request.config.minimum_age_usec},
              {"pinned", request.config.pinned},
              {"named", request.named}}
      .dump();
}

Result<GcRequest> parse_gc_request(const std::string& text) {
  auto json = parse_json(text, "request");
  if (!json) return std::unexpected(json.error());
  auto high = size_member(*json, "high");
  auto low = size_member(*json, "low");
  auto age = size_member(*json, "age");
  auto pinned = strings_member(*json, "pinned");
  auto named = strings_member(*json, "named");
  if (!high || !low || !age || !pinned || !named || *high > 100 || *low > 100)
    return fail("bad request to collect images");
  GcRequest request;
  request.config = {static_cast<int>(*high), static_cast<int>(*low), static_cast<std::int64_t>(*age),
                    std::move(*pinned)};
  request.named = {named->begin(), named->end()};
  return request;
}

}  // namespace podsd::image
