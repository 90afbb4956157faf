// SPDX-License-Identifier: Apache-2.0
#include "agent/image/fetch.hpp"

#include <algorithm>
#include <optional>

#include "agent/image/digest.hpp"
#include "agent/image/json.hpp"
#include "agent/image/manifest.hpp"
#include "agent/image/reference.hpp"
#include "agent/image/skopeo.hpp"
#include "agent/os/files.hpp"

namespace podsd::image {
namespace {

/// What every call of skopeo is told: where it may write, whose image it is to choose.
struct Skopeo {
  std::vector<std::string> env;
  std::chrono::seconds deadline;

  [[nodiscard]] Result<std::string> operator()(std::vector<std::string> command,
                                               const std::function<void()>& tick = {}) const {
    std::vector<std::string> arguments{"--override-os", "linux", "--override-arch", node_architecture()};
    arguments.insert(arguments.end(), command.begin(), command.end());
    return run_skopeo(arguments, env, deadline, max_document_bytes, tick);
  }
};

Result<void> check_digest(const std::string& reference, const std::string& found) {
  const auto parsed = parse_reference(reference);
  if (!parsed) return std::unexpected(parsed.error());
  if (parsed->digest.empty() || parsed->digest == found) return {};
  return fail("the registry answered with " + found);
}

/// How many bytes are to come; an index does not say it, so its manifest is asked for. Nothing where that
/// cannot be known: the transfer itself says what is wrong.
std::optional<std::uint64_t> expected_bytes(const Skopeo& skopeo, const std::string& reference,
                                            const std::string& document) {
  const auto chosen = chosen_manifest(document);
  if (!chosen) return transfer_size(document);
  const auto parsed = parse_reference(reference);
  if (!parsed) return std::nullopt;
  const auto manifest = skopeo({"inspect", "--raw", "docker://" + parsed->repository + "@" + *chosen});
  return manifest ? transfer_size(*manifest) : std::nullopt;
}

/// Of the files that have come, whole or in part.
std::uint64_t bytes_in(const std::filesystem::path& folder) {
  std::uint64_t bytes = 0;
  std::error_code error;
  for (const auto& file : std::filesystem::directory_iterator(folder, error))
    if (const auto size = file.file_size(error); !error) bytes += size;
  return bytes;
}

std::string progress_text(std::uint64_t bytes, std::optional<std::uint64_t> expected) {
  // With the manifest and skopeo's own file in the folder it is a little more in the end.
  if (expected) bytes = std::min(bytes, *expected);
  return std::to_string(bytes) + (expected ? " of " + std::to_string(*expected) : "") + " bytes";
}

}  // namespace

std::string transport_name(const std::string& reference) {
  const auto parsed = parse_reference(reference);
  if (!parsed || parsed->digest.empty()) return "docker://" + reference;
  return "docker://" + parsed->repository + "@" + parsed->digest;
}

Result<void> fetch(const PullRequest& request, const std::filesystem::path& folder,
                   const std::string& auth_file, std::chrono::seconds deadline,
                   const std::function<void(const std::string&)>& tell) {
  for (const char* old : {pulled_document, pulled_image, pull_error_file})
    if (auto gone = os::remove_tree(folder / old); !gone) return gone;
  const Skopeo skopeo{
      {"HOME=" + folder.string(), "XDG_RUNTIME_DIR=" + folder.string(), "REGISTRY_AUTH_FILE=" + auth_file},
      deadline};
  const std::string from = transport_name(request.reference);
  const auto document = skopeo({"inspect", "--raw", from});
  if (!document) return std::unexpected(document.error());
  const std::string digest = "sha256:" + sha256_hex(*document);
  if (auto right = check_digest(request.reference, digest); !right) return right;
  if (auto kept = os::replace_file(folder / pulled_document, *document); !kept) return kept;
  if (digest == request.have) return {};
  const auto image = folder / pulled_image;
  std::function<void()> tick;
  if (tell)
    tick = [&, expected = expected_bytes(skopeo, request.reference, *document)] {
      tell(progress_text(bytes_in(image), expected));
    };
  if (tick) tick();
  auto copied = skopeo({"copy", "--quiet", from, "dir:" + image.string()}, tick);
  if (!copied) return std::unexpected(copied.error());
  return {};
}

}  // namespace podsd::image
