// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "agent/network/cni/json.hpp"
#include "agent/network/network.hpp"
#include "spec/result.hpp"

namespace podsd::network::cni {

/// What ADD has written to standard output, in the form of `version`, the configuration's. As with libcni, a
/// result may be of another version from 0.3.0 on, or say none: those differ by ips[].version only, which is
/// added or taken away. Errors: no JSON, another form (0.1.0, 0.2.0), a field of a wrong type.
[[nodiscard]] Result<Json> read_result(std::string_view text, const std::string& version);

/// What the last plugin's result gives to the pod: the addresses of `interface`, and the gateways of its
/// default routes. Errors: no address.
[[nodiscard]] Result<Attachment> attachment_of(const Json& result, const std::string& interface);

/// What VERSION has written.
[[nodiscard]] Result<std::vector<std::string>> read_versions(std::string_view text);

}  // namespace podsd::network::cni
