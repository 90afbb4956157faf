// SPDX-License-Identifier: Apache-2.0
#include "agent/image/transport.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <vector>

#include "agent/image/fetch.hpp"
#include "agent/image/manifest.hpp"
#include "agent/image/skopeo.hpp"
#include "agent/image/store.hpp"
#include "agent/os/files.hpp"

namespace podsd::image {
namespace {

constexpr std::string_view docker = "docker://", storage = "containers-storage:";
constexpr const char* own_auth_file = "/etc/podsd/auth.json";

std::string auth_file() {
  const char* named = std::getenv("REGISTRY_AUTH_FILE");
  return named != nullptr && *named != '\0' ? named : own_auth_file;
}

/// skopeo takes a name that it finds nothing under for an error.
Result<void> copy_auth_file(const std::filesystem::path& to) {
  auto auth = os::read_file(auth_file());
  if (!auth && auth.error().code != ENOENT) return std::unexpected(auth.error());
  return os::replace_file(to, auth.value_or("{}"));
}

Result<std::string> skopeo(const std::vector<std::string>& arguments, const std::filesystem::path& auth,
                           std::chrono::seconds deadline) {
  std::vector<std::string> env{"REGISTRY_AUTH_FILE=" + auth.string()};
  for (const char* name : {"HOME", "XDG_RUNTIME_DIR", "TMPDIR"})
    if (const char* value = std::getenv(name)) env.push_back(std::string(name) + "=" + value);
  return run_skopeo(arguments, env, deadline, max_document_bytes);
}

}  // namespace

std::optional<std::string> foreign_name(const std::string& source) {
  if (source.starts_with(docker)) return source.substr(docker.size());
  if (!source.starts_with(storage)) return std::nullopt;
  const std::size_t store = source.find(']');
  return source.substr(store == std::string::npos ? storage.size() : store + 1);
}

Result<void> bring_image(const std::string& source, const std::filesystem::path& folder,
                         std::chrono::seconds deadline) {
  const auto auth = folder / "auth.json";
  if (auto copied = copy_auth_file(auth); !copied) return copied;
  if (source.starts_with(docker)) {
    auto reference = normalize_reference(source.substr(docker.size()));
    if (!reference) return std::unexpected(reference.error());
    return fetch({*reference, ""}, folder, auth, deadline);
  }
  const auto image = folder / pulled_image;
  auto copied = skopeo({"copy", "--quiet", source, "dir:" + image.string()}, auth, deadline);
  if (!copied) return std::unexpected(copied.error());
  auto manifest = os::read_file(image / "manifest.json", max_document_bytes);
  if (!manifest) return std::unexpected(manifest.error());
  return os::replace_file(folder / pulled_document, *manifest);
}

Result<void> send_image(const std::filesystem::path& layout, const std::string& tag,
                        const std::string& destination, std::chrono::seconds deadline) {
  const auto auth = layout / "auth.json";
  if (auto copied = copy_auth_file(auth); !copied) return copied;
  // Signature policies are about what is let in; what the store has was let in.
  auto copied =
      skopeo({"--insecure-policy", "copy", "--quiet", "oci:" + layout.string() + ":" + tag, destination},
             auth, deadline);
  if (!copied) return std::unexpected(copied.error());
  return {};
}

Result<std::string> named_destination(const std::string& destination, const std::string& name) {
  static constexpr std::array<std::string_view, 3> named{"oci:", "oci-archive:", "docker-archive:"};
  static constexpr std::array<std::string_view, 3> other{docker, storage, "dir:"};
  const auto begins = [&](std::string_view prefix) {
    return destination.starts_with(prefix) && destination.size() > prefix.size();
  };
  for (const std::string_view prefix : named)
    if (begins(prefix))
      return destination.find(':', prefix.size()) == std::string::npos ? destination + ":" + name
                                                                       : destination;
  if (std::ranges::any_of(other, begins)) return destination;
  return fail(
      "image destination is none of oci:DIR[:TAG], oci-archive:FILE[:TAG], docker-archive:FILE[:NAME:TAG], "
      "dir:DIR, docker://NAME, containers-storage:NAME",
      destination);
}

}  // namespace podsd::image
