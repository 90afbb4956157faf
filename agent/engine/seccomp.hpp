// SPDX-License-Identifier: Apache-2.0
// A container's seccomp profile as linux.seccomp of its OCI configuration.
#pragma once

#include <nlohmann/json.hpp>

#include <filesystem>
#include <set>
#include <string>

#include "policies/seccomp.hpp"
#include "spec/pod.hpp"
#include "spec/result.hpp"

namespace podsd::engine {

/// A profile in the form of the OCI specification (config-linux.md, "Seccomp").
[[nodiscard]] nlohmann::ordered_json seccomp_json(const policies::SeccompProfile& profile);

/// linux.seccomp for a container: null where it runs unconfined. Profiles of type Localhost lie below
/// `profiles`; they are read at each start, by file descriptor and without leaving that folder, in the OCI
/// form or in the one that container engines ship, whose rules depend on capabilities, architecture and
/// kernel. Errors: a profile that is missing, too large, empty or not understood: never an unconfined
/// container.
[[nodiscard]] Result<nlohmann::ordered_json> container_seccomp(
    const spec::SecurityContext& security, const std::set<std::string, std::less<>>& capabilities,
    const std::filesystem::path& profiles);

/// The part of an engine's profile that holds here: rules and errors as they stand, `includes` and `excludes`
/// decided for these capabilities, this machine ("amd64") and kernel ("6.1"), `archMap` left out, since only
/// the native architecture has an entry. Pure. Errors name the field.
[[nodiscard]] Result<nlohmann::ordered_json> resolve_profile(
    const nlohmann::ordered_json& profile, const std::set<std::string, std::less<>>& capabilities,
    const std::string& machine, const std::string& kernel);

}  // namespace podsd::engine
