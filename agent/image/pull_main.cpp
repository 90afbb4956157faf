// SPDX-License-Identifier: Apache-2.0
// podsd-pull, the two commands of podsd-pull@NAME.service, which the agent starts for one image:
//   podsd-pull fetch            as a user of its own: from the registry to $CACHE_DIRECTORY
//   podsd-pull import NAME      as root: from there into the store
// Both leave one line behind where they fail, for the pod's status; skopeo's own words are in the journal.
#include <systemd/sd-daemon.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string_view>

#include "agent/image/fetch.hpp"
#include "agent/image/settings.hpp"
#include "agent/image/store.hpp"
#include "agent/os/files.hpp"

namespace {

using namespace podsd;
using std::filesystem::path;

constexpr auto deadline = std::chrono::minutes(30);
constexpr std::size_t max_request = 1U << 16;

/// To systemd, which shows it in `systemctl status` and tells the agent, for the pod's status.
void tell(const std::string& status) {
  static_cast<void>(::sd_notify(0, ("STATUS=" + status).c_str()));
}

/// An environment variable that systemd sets (systemd.exec(5): CACHE_DIRECTORY, CREDENTIALS_DIRECTORY).
path given(const char* name) {
  const char* value = std::getenv(name);
  return value != nullptr ? value : "";
}

Result<image::PullRequest> read_request(const path& file) {
  auto text = os::read_file(file, max_request);
  if (!text) return std::unexpected(text.error());
  return image::parse_request(*text);
}

Result<void> fetch() {
  const path credentials = given("CREDENTIALS_DIRECTORY");
  const auto request = read_request(credentials / "request");
  if (!request) return std::unexpected(request.error());
  return image::fetch(*request, given("CACHE_DIRECTORY"), credentials / "auth.json", deadline, tell);
}

Result<void> import(const path& run, const path& pulled) {
  const auto request = read_request(run / "request");
  if (!request) return std::unexpected(request.error());
  const auto settings = image::read_settings("/etc/podsd/podsd.yaml");
  if (!settings) return std::unexpected(settings.error());
  auto store = image::Store::open("/var/lib/podsd/images", settings->rules);
  if (!store) return std::unexpected(store.error());
  // Only a transfer that found the very image that the store had leaves none behind.
  const bool unchanged =
      !std::filesystem::exists(std::filesystem::symlink_status(pulled / image::pulled_image));
  if (unchanged) {
    const auto found = store->find(request->reference);
    if (found && *found && (*found)->digest == request->have) return {};
    return fail("the image was removed while it was being pulled");
  }
  tell("unpacking");
  auto imported = store->import_pulled(pulled, request->reference);
  if (!imported) return std::unexpected(imported.error());
  std::printf("%s %s\n", imported->name.c_str(), imported->digest.c_str());
  return {};
}

int ended(const Result<void>& result, const path& folder) {
  if (result) return 0;
  const std::string text = result.error().message();
  std::fprintf(stderr, "<3>%s\n", text.c_str());
  static_cast<void>(os::replace_file(folder / image::pull_error_file, text));
  return 1;
}

}  // namespace

int main(int argc, char** argv) {
  const std::string_view command = argc > 1 ? argv[1] : "";
  if (command == "fetch" && argc == 2) return ended(fetch(), given("CACHE_DIRECTORY"));
  if (command == "import" && argc == 3) {
    const path run = path("/run/podsd/pulls") / argv[2];
    return ended(import(run, path("/var/cache/private/podsd/pulls") / argv[2]), run);
  }
  std::fprintf(stderr, "podsd-pull is run by podsd-pull@.service\n");
  return 2;
}
