// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "spec/config.hpp"
#include "spec/read.hpp"
#include "spec/schema_parts.hpp"

namespace podsd::spec {

/// The fields of network.cni
inline constexpr FieldRule cni_config_fields[] = {
    yes("configDir", Type::text),
    yes("pluginDirs", Type::texts),
    yes("timeout", Type::text),
};
inline constexpr ObjectRule cni_config_rule{cni_config_fields};

/// Reads network.cni; what it does not say has its default. Reports folders that are no absolute paths, and a
/// timeout below a second.
[[nodiscard]] CniConfig read_cni_config(const Reader& cni);

}  // namespace podsd::spec
