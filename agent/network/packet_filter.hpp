// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "spec/result.hpp"

namespace podsd::network {

/// Has the kernel's nf_tables do what the text says, in the form of nft(8): all of it, in one transaction, or
/// nothing. Errors: in libnftables' words; a kernel without nf_tables.
[[nodiscard]] Result<void> change_packet_rules(const std::string& text);

/// Every table of the host, as `nft --json list ruleset` has it (libnftables-json(5)).
[[nodiscard]] Result<std::string> list_packet_rules();

}  // namespace podsd::network
