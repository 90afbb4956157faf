// SPDX-License-Identifier: Apache-2.0
// The grammar of `podsctl image`.
#include "agent/cli/command_line.hpp"
#include "agent/cli/image_show.hpp"
#include "agent/cli/image_store.hpp"
#include "agent/cli/images.hpp"
#include "agent/cli/options.hpp"

namespace podsd::cli {
namespace {

using Text = std::shared_ptr<std::string>;
using Texts = std::shared_ptr<std::vector<std::string>>;

constexpr const char* transports =
    "oci:DIR[:TAG], oci-archive:FILE[:TAG], docker-archive:FILE[:NAME:TAG], dir:DIR, docker://NAME or "
    "containers-storage:NAME";

/// `podsctl image NAME`, with --store.
CLI::App* add_command(CLI::App& images, const std::string& name, const std::string& about,
                      const Text& store) {
  CLI::App* command = images.add_subcommand(name, about);
  command->add_option("--store", *store, "image store")->type_name("DIR")->capture_default_str();
  return command;
}

Text required(CLI::App* command, const std::string& name, const std::string& about) {
  auto value = std::make_shared<std::string>();
  command->add_option(name, *value, about)->required();
  return value;
}

Texts required_list(CLI::App* command, const std::string& name, const std::string& about) {
  auto values = std::make_shared<std::vector<std::string>>();
  command->add_option(name, *values, about)->required();
  return values;
}

void add_transfers(CLI::App& images, const Text& store, Action& chosen) {
  CLI::App* importing =
      add_command(images, "import", "import an image from a directory, archive or other place", store);
  const Text source = required(importing, "SOURCE", transports);
  const auto name = std::make_shared<std::string>();
  importing->add_option("NAME", *name, "reference to give it (default: the one it carries)");
  const auto config = std::make_shared<std::string>(default_config);
  importing->add_option("--config", *config, "podsd.yaml with the limits")
      ->type_name("FILE")
      ->capture_default_str();
  importing->callback([=, &chosen] {
    chosen = [=](const Context& context) {
      return image_import(*store, *config, *source, name->empty() ? std::nullopt : std::optional(*name),
                          context.terminal);
    };
  });

  CLI::App* exporting =
      add_command(images, "export", "copy an image to a directory, archive or other place", store);
  const Text what = required(exporting, "NAME", "reference");
  const Text destination = required(exporting, "DESTINATION", transports);
  exporting->callback([=, &chosen] {
    chosen = [=](const Context& context) {
      return image_export(*store, *what, *destination, context.terminal);
    };
  });

  CLI::App* pulling = images.add_subcommand("pull", "pull images from their registries");
  const Texts wanted = required_list(pulling, "NAME", "references");
  pulling->callback([=, &chosen] {
    chosen = [=](const Context& context) { return image_pull(*wanted, context.connect, context.terminal); };
  });
}

void add_views(CLI::App& images, const Text& store, Action& chosen) {
  const auto output = std::make_shared<std::string>();
  CLI::App* listing = add_command(images, "list", "list the images", store)->alias("ls");
  add_output(*listing, output);
  listing->callback([=, &chosen] {
    chosen = [=](const Context& context) { return image_list(*store, output_of(*output), context.terminal); };
  });

  CLI::App* inspecting = add_command(images, "inspect", "show all that is known of images, as JSON", store);
  const Texts names = required_list(inspecting, "NAME", "references");
  add_output(*inspecting, output);
  inspecting->callback([=, &chosen] {
    chosen = [=](const Context& context) {
      return image_inspect(*store, *names, output_of(*output), context.terminal);
    };
  });

  CLI::App* history = add_command(images, "history", "show how an image was made", store);
  const Text name = required(history, "NAME", "reference");
  add_output(*history, output);
  history->callback([=, &chosen] {
    chosen = [=](const Context& context) {
      return image_history(*store, *name, output_of(*output), context.terminal, realtime_now());
    };
  });

  CLI::App* verifying = add_command(images, "verify", "read the whole store and check every digest", store);
  verifying->callback([=, &chosen] {
    chosen = [=](const Context& context) { return image_verify(*store, context.terminal); };
  });
}

void add_changes(CLI::App& images, const Text& store, Action& chosen) {
  CLI::App* tagging = add_command(images, "tag", "give an image more names", store);
  const Text name = required(tagging, "NAME", "reference");
  const Texts more = required_list(tagging, "NEW", "names to give it");
  tagging->callback([=, &chosen] {
    chosen = [=](const Context& context) { return image_tag(*store, *name, *more, context.terminal); };
  });

  CLI::App* removal = add_command(images, "remove", "remove images by name", store)->alias("rm");
  const Texts names = required_list(removal, "NAME", "references");
  removal->callback([=, &chosen] {
    chosen = [=](const Context& context) { return image_remove(*store, *names, context.terminal); };
  });

  CLI::App* pruning =
      add_command(images, "prune", "remove images that nobody uses, names or has pinned", store);
  const auto dry_run = std::make_shared<bool>(false);
  const auto config = std::make_shared<std::string>(default_config);
  pruning->add_flag("--dry-run", *dry_run, "only say what would go");
  pruning->add_option("--config", *config, "podsd.yaml with the pinned images")
      ->type_name("FILE")
      ->capture_default_str();
  pruning->callback([=, &chosen] {
    chosen = [=](const Context& context) {
      return image_prune({*store, *config, *dry_run}, context.connect, context.terminal);
    };
  });
}

}  // namespace

void add_images(CLI::App& app, Action& chosen) {
  CLI::App* images = app.add_subcommand("image", "pull, import, list, check and remove images");
  const auto store = std::make_shared<std::string>(default_store);
  images->add_option("--store", *store, "image store")->type_name("DIR")->capture_default_str();
  images->require_subcommand(1);
  add_transfers(*images, store, chosen);
  add_views(*images, store, chosen);
  add_changes(*images, store, chosen);
}

}  // namespace podsd::cli
