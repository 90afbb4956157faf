// SPDX-License-Identifier: Apache-2.0
#include "agent/cli/image_store.hpp"

#include <chrono>
#include <set>

#include "agent/cli/images.hpp"
#include "agent/cli/json_access.hpp"
#include "agent/cli/size_text.hpp"
#include "agent/image/export.hpp"
#include "agent/image/settings.hpp"
#include "agent/image/usage.hpp"
#include "agent/image/verify.hpp"

namespace podsd::cli {
namespace {

constexpr auto export_deadline = std::chrono::hours(1);

/// The image references of all containers and volumes in the agent's answer.
std::set<std::string> images_of(const Json& pods) {
  std::set<std::string> names;
  for (const Json& pod : pods) {
    const Json& spec = field(pod, "spec");
    for (const char* kind : {"containers", "initContainers"})
      for (const Json& container : list(spec, kind)) names.insert(text(container, "image"));
    for (const Json& volume : list(spec, "volumes")) names.insert(text(field(volume, "image"), "reference"));
  }
  return names;
}

std::string joined(const std::vector<std::string>& words) {
  std::string line;
  for (const std::string& word : words) line += (line.empty() ? "" : ", ") + word;
  return line;
}

void say(const char* what, const policies::ImageUse& image, const Terminal& terminal) {
  for (const std::string& name : image.names) terminal.out << what << " " << name << "\n" << std::flush;
}

}  // namespace

int image_export(const std::string& store, const std::string& name, const std::string& destination,
                 const Terminal& terminal) {
  const auto images = image::Store::open(store);
  if (!images) return complain_of(images.error(), terminal);
  if (const auto sent = image::export_image(*images, name, destination, export_deadline); !sent)
    return complain_of(sent.error(), terminal);
  terminal.out << "exported " << name << "\n";
  return Exit::done;
}

int image_tag(const std::string& store, const std::string& name, const std::vector<std::string>& names,
              const Terminal& terminal) {
  auto images = image::Store::open(store);
  if (!images) return complain_of(images.error(), terminal);
  for (const std::string& wanted : names) {
    const auto image = images->tag(name, wanted);
    if (!image) return complain_of(image.error(), terminal);
    terminal.out << image->name << " " << image->digest << " " << size_text(image->size) << "\n";
  }
  return Exit::done;
}

int image_verify(const std::string& store, const Terminal& terminal) {
  const auto images = image::Store::open(store);
  if (!images) return complain_of(images.error(), terminal);
  const auto verified = image::verify(*images);
  if (!verified) return complain_of(verified.error(), terminal);
  for (const image::Damage& damage : verified->damage) {
    terminal.out << damage.what;
    if (!damage.images.empty()) terminal.out << " (" << joined(damage.images) << ")";
    terminal.out << "\n";
  }
  terminal.out << "verified " << verified->images << " images, " << verified->layers << " layers, "
               << verified->blobs << " blobs\n";
  if (verified->damage.empty()) return Exit::done;
  return complain(terminal, "the store is damaged: remove these images, and pull or import them again");
}

int image_prune(const PruneOptions& options, const Connect& connect, const Terminal& terminal) {
  const auto settings = image::read_settings(options.config);
  if (!settings) return complain_of(settings.error(), terminal);
  auto agent = connect();
  if (!agent) return complain(terminal, bus_error_text(agent.error(), ""));
  const auto pods = (*agent)->list_pods("");
  if (!pods) return complain(terminal, bus_error_text(pods.error(), ""));
  const Json json = Json::parse(*pods, nullptr, false);
  if (!json.is_array()) return complain(terminal, "podsd's answer is no JSON array");
  auto images = image::Store::open(options.store);
  if (!images) return complain_of(images.error(), terminal);
  auto uses = image::image_uses(*images, images_of(json));
  if (!uses) return complain_of(uses.error(), terminal);
  policies::ImageGcConfig config = settings->gc;
  config.minimum_age_usec = 0;
  const auto unused = policies::collectable(std::move(*uses), config, realtime_now());
  if (options.dry_run) {
    std::uint64_t bytes = 0;
    for (const policies::ImageUse& image : unused) {
      say("would remove", image, terminal);
      bytes += image.bytes;
    }
    terminal.out << "would free at most " << size_text(bytes) << " of unpacked files\n";
    return Exit::done;
  }
  const auto freed = image::remove_images(
      *images, unused, UINT64_MAX, [&](const policies::ImageUse& image) { say("removed", image, terminal); });
  if (!freed) return complain_of(freed.error(), terminal);
  terminal.out << "freed " << size_text(*freed) << "\n";
  return Exit::done;
}

}  // namespace podsd::cli
