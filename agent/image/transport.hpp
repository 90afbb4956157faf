// SPDX-License-Identifier: Apache-2.0
// Images that come from, or go to, where only skopeo can reach (containers-transports(5)).
#pragma once

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>

#include "spec/result.hpp"

namespace podsd::image {

/// The name in "docker://NAME" and "containers-storage:[STORE]NAME"; nothing for sources that the store reads
/// itself.
[[nodiscard]] std::optional<std::string> foreign_name(const std::string& source);

/// Brings a source with a foreign_name into the empty folder `folder` as fetch() leaves a pulled image
/// (store.hpp: pulled_document, pulled_image). Credentials: REGISTRY_AUTH_FILE, else /etc/podsd/auth.json.
/// Errors: skopeo's own words.
[[nodiscard]] Result<void> bring_image(const std::string& source, const std::filesystem::path& folder,
                                       std::chrono::seconds deadline);

/// Copies the image `tag` of an OCI layout to where `destination` says. Credentials as above.
[[nodiscard]] Result<void> send_image(const std::filesystem::path& layout, const std::string& tag,
                                      const std::string& destination, std::chrono::seconds deadline);

/// "oci:DIR", "oci-archive:FILE" and "docker-archive:FILE" with the name that the image has when it is read
/// again, unless it says one; others as they are. Errors: no destination that skopeo knows.
[[nodiscard]] Result<std::string> named_destination(const std::string& destination, const std::string& name);

}  // namespace podsd::image
