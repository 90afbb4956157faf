// SPDX-License-Identifier: Apache-2.0
#include "agent/cli/images.hpp"

#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "agent/cli/json_access.hpp"
#include "agent/cli/pull_line.hpp"
#include "agent/cli/size_text.hpp"
#include "agent/cli/table.hpp"
#include "agent/cli/yaml.hpp"
#include "agent/image/settings.hpp"
#include "agent/image/store.hpp"

namespace podsd::cli {
namespace {

bool is_permission(const Error& error) {
  return error.code == EACCES || error.code == EPERM || (error.cause && is_permission(*error.cause));
}

/// "sha256:0123456789abcdef…" → "0123456789ab"
std::string short_id(const std::string& digest) {
  const std::size_t colon = digest.find(':');
  return digest.substr(colon == std::string::npos ? 0 : colon + 1, 12);
}

std::string table(const std::vector<image::Image>& images, bool wide, bool colour) {
  std::vector<Row> rows{{Cell("NAME"), Cell("IMAGE ID"), Cell("SIZE")}};
  if (wide) rows[0].insert(rows[0].end(), {Cell("LAYERS"), Cell("DIGEST")});
  for (const image::Image& image : images) {
    Row& row =
        rows.emplace_back(Row{Cell(image.name), Cell(short_id(image.id)), Cell(size_text(image.size))});
    if (wide) row.insert(row.end(), {Cell(std::to_string(image.layers.size())), Cell(image.digest)});
  }
  return table_text(rows, colour);
}

Json objects(const std::vector<image::Image>& images) {
  Json out = Json::array();
  for (const image::Image& image : images) {
    Json layers = Json::array();
    for (const auto& layer : image.layers) layers.push_back(layer.string());
    const image::ImageConfig& config = image.config;
    out.push_back({{"name", image.name},
                   {"digest", image.digest},
                   {"id", image.id},
                   {"size", image.size},
                   {"layers", layers},
                   {"config",
                    {{"entrypoint", config.entrypoint},
                     {"cmd", config.cmd},
                     {"env", config.env},
                     {"user", config.user},
                     {"workingDir", config.working_dir},
                     {"stopSignal", config.stop_signal}}}});
  }
  return out;
}

Result<std::string> pull(dbus::ManagerProxy& agent, const std::string& name, const Terminal& terminal) {
  if (!terminal.err_redraws) return agent.pull_image(name, -1);
  const auto line = PullLine::draw(terminal.err, name);
  if (!line) return std::unexpected(line.error());
  return agent.pull_image(name, (*line)->fd());
}

}  // namespace

int complain_of(const Error& error, const Terminal& terminal) {
  const bool root_helps = is_permission(error) && ::geteuid() != 0;
  return complain(terminal, error.message() + (root_helps ? ": run it as root" : ""));
}

int image_import(const std::string& store, const std::string& config, const std::string& source,
                 const std::optional<std::string>& name, const Terminal& terminal) {
  const auto settings = image::read_settings(config);
  if (!settings) return complain_of(settings.error(), terminal);
  auto images = image::Store::open(store, settings->rules);
  if (!images) return complain_of(images.error(), terminal);
  const auto image = images->import(source, name);
  if (!image) return complain_of(image.error(), terminal);
  terminal.out << image->name << " " << image->digest << " " << size_text(image->size) << "\n";
  return Exit::done;
}

int image_pull(const std::vector<std::string>& names, const Connect& connect, const Terminal& terminal) {
  auto agent = connect();
  if (!agent) return complain(terminal, bus_error_text(agent.error(), ""));
  int exit = Exit::done;
  for (const std::string& name : names) {
    const auto image = pull(**agent, name, terminal);
    if (!image) {
      exit = complain(terminal, bus_error_text(image.error(), ""));
      continue;
    }
    const Json json = Json::parse(*image, nullptr, false);
    terminal.out << text(json, "name") << " " << text(json, "digest") << " "
                 << size_text(static_cast<std::uint64_t>(number(json, "size"))) << "\n";
  }
  return exit;
}

int image_list(const std::string& store, Output output, const Terminal& terminal) {
  const auto opened = image::Store::open(store);
  if (!opened) return complain_of(opened.error(), terminal);
  auto images = opened->list();
  if (!images) return complain_of(images.error(), terminal);
  std::ranges::sort(*images, {}, &image::Image::name);
  switch (output) {
    case Output::json:
      terminal.out << objects(*images).dump(4, ' ', false, Json::error_handler_t::replace) << "\n";
      break;
    case Output::yaml:
      terminal.out << yaml_text(objects(*images));
      break;
    case Output::name:
      for (const image::Image& image : *images) terminal.out << image.name << "\n";
      break;
    case Output::table:
    case Output::wide:
      terminal.out << table(*images, output == Output::wide, terminal.out_colour);
      break;
  }
  return Exit::done;
}

int image_remove(const std::string& store, const std::vector<std::string>& names, const Terminal& terminal) {
  auto images = image::Store::open(store);
  if (!images) return complain_of(images.error(), terminal);
  int exit = Exit::done;
  for (const std::string& name : names) {
    if (const auto removed = images->remove(name); !removed) {
      exit = removed.error().code == ENOENT ? complain(terminal, "image \"" + name + "\" not found")
                                            : complain_of(removed.error(), terminal);
    } else {
      terminal.out << "removed " << name << "\n";
    }
  }
  return exit;
}

}  // namespace podsd::cli
