// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "agent/cli/command.hpp"
#include "agent/cli/get.hpp"

namespace podsd::cli {

/// Where the agent keeps its images.
inline constexpr const char* default_store = "/var/lib/podsd/images";

/// What the agent is told of images and disks.
inline constexpr const char* default_config = "/etc/podsd/podsd.yaml";

/// Writes what went wrong, and whether it would not as root; gives Exit::failed.
int complain_of(const Error& error, const Terminal& terminal);

/// `podsctl image import SOURCE [NAME]`, within the limits of `config`, a podsd.yaml; says name, digest and
/// size of what was imported.
int image_import(const std::string& store, const std::string& config, const std::string& source,
                 const std::optional<std::string>& name, const Terminal& terminal);

/// `podsctl image pull NAME...`, by the agent, one after the other; says what `import` says, and on a
/// terminal meanwhile how far it is.
int image_pull(const std::vector<std::string>& names, const Connect& connect, const Terminal& terminal);

/// `podsctl image list`: a table, or an array of objects.
int image_list(const std::string& store, Output output, const Terminal& terminal);

/// `podsctl image remove NAME...`: as far as they exist.
int image_remove(const std::string& store, const std::vector<std::string>& names, const Terminal& terminal);

}  // namespace podsd::cli
