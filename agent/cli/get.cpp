// SPDX-License-Identifier: Apache-2.0
#include "agent/cli/get.hpp"

#include "agent/cli/json_access.hpp"
#include "agent/cli/pod_row.hpp"
#include "agent/cli/table.hpp"
#include "agent/cli/yaml.hpp"
#include "units/names.hpp"

namespace podsd::cli {
namespace {

struct Pods {
  Json items = Json::array();
  int exit = Exit::done;
};

Json parsed(const std::string& text) {
  return Json::parse(text, nullptr, false);
}

Pods fetch_named(const GetOptions& options, dbus::ManagerProxy& agent, const Terminal& terminal) {
  Pods pods;
  for (const std::string& name : options.names) {
    const auto reply = agent.get_pod(options.ns, name);
    const Json pod = reply ? parsed(*reply) : Json();
    if (pod.is_object()) {
      pods.items.push_back(pod);
    } else {
      pods.exit = complain(terminal,
                           reply ? "podsd's answer is no JSON object" : bus_error_text(reply.error(), name));
    }
  }
  return pods;
}

Pods fetch_all(const GetOptions& options, dbus::ManagerProxy& agent, const Terminal& terminal) {
  const auto reply = agent.list_pods(options.all_namespaces ? "" : options.ns);
  if (!reply) return {Json::array(), complain(terminal, bus_error_text(reply.error(), ""))};
  Json items = parsed(*reply);
  if (!items.is_array()) return {Json::array(), complain(terminal, "podsd's answer is no JSON array")};
  return {std::move(items), Exit::done};
}

/// A file that was refused stands among the pods, and has no units.
bool has_units(const Json& pod) {
  return text(field(pod, "status"), "reason") != "ManifestRefused";
}

/// status.ipAccounting of each pod: systemd's counters of its slice.
void add_traffic(Json& pods, dbus::ManagerProxy& bus, const Terminal& terminal) {
  for (Json& pod : pods) {
    if (!has_units(pod)) continue;
    const Json& metadata = field(pod, "metadata");
    const std::string slice = units::pod_slice(text(metadata, "namespace"), text(metadata, "name"));
    const auto traffic = bus.traffic(slice);
    if (!traffic) {
      terminal.err << "podsctl: traffic of " << slice << ": " << traffic.error().what << "\n";
    } else if (*traffic) {
      pod["status"]["ipAccounting"] = {{"ingressBytes", (*traffic)->ingress_bytes},
                                       {"ingressPackets", (*traffic)->ingress_packets},
                                       {"egressBytes", (*traffic)->egress_bytes},
                                       {"egressPackets", (*traffic)->egress_packets}};
    }
  }
}

std::string table(const Json& pods, const GetOptions& options, bool colour, std::int64_t now) {
  Row head;
  if (options.all_namespaces) head.emplace_back("NAMESPACE");
  for (const char* name : {"NAME", "READY", "STATUS", "RESTARTS", "AGE"}) head.emplace_back(name);
  const bool wide = options.output == Output::wide;
  if (wide) head.insert(head.end(), {Cell("IP"), Cell("PORTS"), Cell("SLICE")});
  std::vector<Row> rows{std::move(head)};
  for (const Json& pod : pods) {
    const PodRow row = pod_row(pod, now);
    Row& cells = rows.emplace_back();
    if (options.all_namespaces) cells.emplace_back(row.ns);
    cells.insert(cells.end(), {Cell(row.name), Cell(row.ready), Cell(row.status, status_tone(row.status)),
                               Cell(row.restarts), Cell(row.age)});
    const std::string slice = has_units(pod) ? units::pod_slice(row.ns, row.name) : "<none>";
    if (wide) cells.insert(cells.end(), {Cell(row.ip), Cell(row.ports), Cell(slice)});
  }
  return table_text(rows, colour);
}

void print_notes(const Json& pods, const GetOptions& options, const Terminal& terminal) {
  terminal.out.flush();
  for (const Json& pod : pods) {
    const Json& metadata = field(pod, "metadata");
    const std::string ns = options.all_namespaces ? text(metadata, "namespace") + "/" : "";
    for (const std::string& note : pod_notes(pod))
      terminal.err << ns << text(metadata, "name") << ": " << note << "\n";
  }
}

void print_table(const Json& pods, const GetOptions& options, const Terminal& terminal, std::int64_t now) {
  if (!pods.empty()) {
    terminal.out << table(pods, options, terminal.out_colour, now);
    return print_notes(pods, options, terminal);
  }
  if (!options.names.empty()) return;
  terminal.err << "No resources found" << (options.all_namespaces ? "" : " in " + options.ns + " namespace")
               << ".\n";
}

void print_objects(Json pods, const GetOptions& options, const Terminal& terminal) {
  Json object;
  if (options.names.size() == 1) {
    if (pods.empty()) return;
    object = std::move(pods[0]);
  } else {
    object = {{"apiVersion", "v1"}, {"kind", "List"}, {"metadata", {{"resourceVersion", ""}}}};
    object["items"] = std::move(pods);
  }
  if (options.output == Output::yaml) {
    terminal.out << yaml_text(object);
  } else {
    terminal.out << object.dump(4, ' ', false, Json::error_handler_t::replace) << "\n";
  }
}

}  // namespace

int get_pods(const GetOptions& options, const Connect& connect, const Terminal& terminal, std::int64_t now) {
  const auto agent = connect();
  if (!agent) return complain(terminal, bus_error_text(agent.error(), ""));
  Pods pods =
      options.names.empty() ? fetch_all(options, **agent, terminal) : fetch_named(options, **agent, terminal);
  if (options.names.empty() && pods.exit != Exit::done) return pods.exit;
  switch (options.output) {
    case Output::table:
    case Output::wide:
      print_table(pods.items, options, terminal, now);
      break;
    case Output::json:
    case Output::yaml:
      add_traffic(pods.items, **agent, terminal);
      print_objects(std::move(pods.items), options, terminal);
      break;
    case Output::name:
      for (const Json& pod : pods.items)
        terminal.out << "pod/" << text(field(pod, "metadata"), "name") << "\n";
      break;
  }
  return pods.exit;
}

}  // namespace podsd::cli
