// SPDX-License-Identifier: Apache-2.0
#include "agent/cli/image_show.hpp"

#include <algorithm>
#include <ctime>

#include "agent/cli/duration.hpp"
#include "agent/cli/images.hpp"
#include "agent/cli/json_access.hpp"
#include "agent/cli/size_text.hpp"
#include "agent/cli/table.hpp"
#include "agent/cli/yaml.hpp"
#include "agent/image/documents.hpp"
#include "agent/image/layer_forms.hpp"

namespace podsd::cli {
namespace {

/// Of a document that import has parsed before; bytes that are damaged since give an empty object.
Json parsed(const image::Document& document) {
  Json json = Json::parse(document.text, nullptr, false);
  return json.is_object() ? json : Json::object();
}

/// RFC 3339, in UTC; "" for a time that was not recorded.
std::string time_text(std::int64_t usec) {
  const std::time_t seconds = usec / 1'000'000;
  std::tm parts{};
  char text[32];
  if (usec == 0 || ::gmtime_r(&seconds, &parts) == nullptr) return "";
  return {text, std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts)};
}

std::int64_t usec_of(const std::string& rfc3339) {
  std::tm parts{};
  const char* rest = ::strptime(rfc3339.c_str(), "%Y-%m-%dT%H:%M:%S", &parts);
  return rest == nullptr ? 0 : std::int64_t{::timegm(&parts)} * 1'000'000;
}

/// Where each layer's tree is seen, and in what form it is kept.
Json snapshots(const image::Image& image) {
  Json out = Json::array();
  const auto forms = image::layer_forms(image);
  for (std::size_t i = 0; forms && i < forms->size(); ++i) {
    const auto& [snapshotter, verity] = (*forms)[i];
    Json one = {{"root", image.layers[i].string()}, {"snapshotter", snapshotter}};
    if (snapshotter == "erofs") one["fsVerity"] = verity.empty() ? "not available" : verity;
    out.push_back(std::move(one));
  }
  return out;
}

Json inspected(const image::Documents& documents) {
  const image::Image& image = documents.record.image;
  const Json manifest = parsed(documents.manifest);
  const Json configuration = parsed(documents.configuration);
  const Json& diffs = list(field(configuration, "rootfs"), "diff_ids");
  Json layers = Json::array();
  for (const Json& layer : list(manifest, "layers")) {
    Json one = {{"digest", text(layer, "digest")},
                {"mediaType", text(layer, "mediaType")},
                {"size", number(layer, "size")}};
    if (layers.size() < diffs.size()) one["diffID"] = diffs[layers.size()];
    layers.push_back(std::move(one));
  }
  Json roots = Json::array();
  for (const auto& root : image.layers) roots.push_back(root.string());
  return {{"name", image.name},
          {"names", documents.names},
          {"digest", image.digest},
          {"id", image.id},
          {"manifest",
           {{"digest", "sha256:" + documents.record.manifest}, {"mediaType", documents.manifest.media_type}}},
          {"size", image.size},
          {"imported", time_text(documents.record.imported_usec)},
          {"lastUsed", time_text(documents.last_used_usec)},
          {"layers", layers},
          {"roots", roots},
          {"snapshots", snapshots(image)},
          {"annotations", field(manifest, "annotations")},
          {"configuration", configuration}};
}

/// One object per step, the last first; with the blob of the layer that it made, if any.
Json steps(const image::Documents& documents) {
  const Json manifest = parsed(documents.manifest);
  const Json configuration = parsed(documents.configuration);
  const Json& layers = list(manifest, "layers");
  Json out = Json::array();
  std::size_t used = 0;
  const auto add = [&](Json step) {
    if (!flag(step, "empty_layer") && used < layers.size()) {
      step["digest"] = field(layers[used], "digest");
      step["size"] = field(layers[used++], "size");
    }
    out.push_back(std::move(step));
  };
  for (const Json& step : list(configuration, "history"))
    if (step.is_object()) add(step);
  // Layers of which the history, which may be missing, says nothing.
  while (used < layers.size()) add(Json::object());
  std::ranges::reverse(out);
  return out;
}

std::string history_table(const Json& steps, bool colour, std::int64_t now) {
  std::vector<Row> rows{{Cell("CREATED"), Cell("SIZE"), Cell("CREATED BY"), Cell("COMMENT")}};
  for (const Json& step : steps) {
    const std::int64_t created = usec_of(text(step, "created"));
    std::string by = text(step, "created_by");
    std::ranges::replace_if(
        by, [](unsigned char c) { return c < ' ' || c == 0x7F; }, ' ');
    std::string comment = text(step, "comment");
    std::ranges::replace_if(
        comment, [](unsigned char c) { return c < ' ' || c == 0x7F; }, ' ');
    rows.push_back({Cell(created == 0 ? "<unknown>" : age_text(now - created)),
                    Cell(size_text(static_cast<std::uint64_t>(number(step, "size")))),
                    Cell(by.empty() ? "<unknown>" : by), Cell(comment)});
  }
  return table_text(rows, colour);
}

void print(const Json& json, Output output, const Terminal& terminal) {
  if (output == Output::yaml)
    terminal.out << yaml_text(json);
  else
    terminal.out << json.dump(4, ' ', false, Json::error_handler_t::replace) << "\n";
}

}  // namespace

int image_inspect(const std::string& store, const std::vector<std::string>& names, Output output,
                  const Terminal& terminal) {
  const auto opened = image::Store::open(store);
  if (!opened) return complain_of(opened.error(), terminal);
  Json out = Json::array();
  int exit = Exit::done;
  for (const std::string& name : names) {
    const auto documents = image::read_documents(*opened, name);
    if (documents)
      out.push_back(inspected(*documents));
    else
      exit = complain_of(documents.error(), terminal);
  }
  print(out, output, terminal);
  return exit;
}

int image_history(const std::string& store, const std::string& name, Output output, const Terminal& terminal,
                  std::int64_t now) {
  const auto opened = image::Store::open(store);
  if (!opened) return complain_of(opened.error(), terminal);
  const auto documents = image::read_documents(*opened, name);
  if (!documents) return complain_of(documents.error(), terminal);
  const Json made = steps(*documents);
  if (output == Output::json || output == Output::yaml)
    print(made, output, terminal);
  else
    terminal.out << history_table(made, terminal.out_colour, now);
  return Exit::done;
}

}  // namespace podsd::cli
