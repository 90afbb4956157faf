// SPDX-License-Identifier: Apache-2.0
// The transfer of an image from a registry. It runs in podsd-pull@.service: fetch() as a user that owns
// nothing but the folder that it fills, with the network; Store::import_pulled as root, from that folder.
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <string>

#include "agent/image/pull_request.hpp"
#include "spec/result.hpp"

namespace podsd::image {

/// Asks the registry what the reference stands for, keeps the answer in `folder` (store.hpp:
/// pulled_document), and transfers the image there (pulled_image) unless it is `have`. What was in the folder
/// before goes. `auth_file`: credentials, containers-auth.json(5). `tell`, if there is one: called about once
/// a second while the image comes, with how much of it is there, "12345 of 67890 bytes". Errors: skopeo's; a
/// digest that is not what the reference says; ETIMEDOUT.
[[nodiscard]] Result<void> fetch(const PullRequest& request, const std::filesystem::path& folder,
                                 const std::string& auth_file, std::chrono::seconds deadline,
                                 const std::function<void(const std::string&)>& tell = {});

/// The reference as skopeo takes it: without a tag where there is a digest, which is what counts.
[[nodiscard]] std::string transport_name(const std::string& reference);

}  // namespace podsd::image
