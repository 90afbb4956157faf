// SPDX-License-Identifier: Apache-2.0
#include "agent/cli/network.hpp"

#include "agent/cli/images.hpp"
#include "agent/cli/json_access.hpp"
#include "agent/cli/table.hpp"
#include "agent/cli/yaml.hpp"
#include "agent/network/cni/inspection.hpp"
#include "agent/network/inspection.hpp"
#include "agent/network/netns.hpp"
#include "agent/os/files.hpp"

namespace podsd::cli {
namespace {

Result<spec::NetworkConfig> read_network_config(const std::string& path) {
  constexpr std::size_t most = 1U << 20;
  const auto text = os::read_file(path, most);
  if (!text && text.error().code == ENOENT) return spec::NetworkConfig{};
  if (!text) return std::unexpected(text.error());
  auto config = spec::read_config(*text, path);
  if (!config) return std::unexpected(config.error());
  return config->network;
}

bool is_structured(Output output) {
  return output == Output::json || output == Output::yaml;
}

void print(const Json& json, Output output, const Terminal& terminal) {
  if (output == Output::yaml)
    terminal.out << yaml_text(json);
  else
    terminal.out << json.dump(4, ' ', false, Json::error_handler_t::replace) << "\n";
}

Json pod_json(const std::string& id, const policies::Lease& lease) {
  Json addresses = Json::array();
  for (const spec::IpPrefix& address : lease.addresses) addresses.push_back(spec::to_string(address));
  return {{"id", id},
          {"addresses", addresses},
          {"hostInterface", network::host_end(lease)},
          {"networkNamespace", network::netns_path(id)}};
}

Json inspection_json(const network::Inspection& found) {
  Json ranges = Json::array();
  for (const spec::IpPrefix& range : found.ranges) ranges.push_back(spec::to_string(range));
  Json pods = Json::array();
  for (const auto& [id, lease] : found.pods) pods.push_back(pod_json(id, lease));
  return {{"provider", "embedded"},
          {"bridge", found.facts.bridge},
          {"up", found.facts.bridge_up},
          {"mtu", found.mtu},
          {"ranges", ranges},
          {"pods", pods}};
}

std::string joined(const Json& texts) {
  std::string out;
  for (const Json& text : texts) out += (out.empty() ? "" : ", ") + text.get<std::string>();
  return out;
}

void print_table(const Json& found, const Terminal& terminal) {
  const std::string up = flag(found, "up") ? ", MTU " + std::to_string(number(found, "mtu")) : ", not there";
  terminal.out << "bridge " << text(found, "bridge") << up << ", ranges " << joined(list(found, "ranges"))
               << "\n";
  std::vector<Row> rows{{Cell("POD"), Cell("INTERFACE"), Cell("ADDRESSES")}};
  for (const Json& pod : list(found, "pods"))
    rows.push_back(
        {Cell(text(pod, "id")), Cell(text(pod, "hostInterface")), Cell(joined(list(pod, "addresses")))});
  terminal.out << table_text(rows, terminal.out_colour);
}

/// A provider that is not podsd's own has nothing that could be looked at here.
int without_bridge(const NetworkOptions& options, const Terminal& terminal, Json json) {
  json["provider"] = "none";
  if (is_structured(options.output))
    print(json, options.output, terminal);
  else
    terminal.out << "network: {provider: none} in podsd.yaml: pods have a loopback interface only\n";
  return Exit::done;
}

Json cni_json(const network::cni::Inspection& found) {
  Json pods = Json::array();
  for (const auto& [id, attachment] : found.pods) {
    Json addresses = Json::array();
    for (const spec::IpPrefix& address : attachment.addresses) addresses.push_back(spec::to_string(address));
    pods.push_back({{"id", id}, {"addresses", addresses}, {"networkNamespace", network::netns_path(id)}});
  }
  return {{"provider", "cni"}, {"network", found.file}, {"pods", pods}};
}

void print_cni(const Json& found, const Terminal& terminal) {
  terminal.out << "CNI, network " << (text(found, "network").empty() ? "<none>" : text(found, "network"))
               << "\n";
  std::vector<Row> rows{{Cell("POD"), Cell("ADDRESSES")}};
  for (const Json& pod : list(found, "pods"))
    rows.push_back({Cell(text(pod, "id")), Cell(joined(list(pod, "addresses")))});
  terminal.out << table_text(rows, terminal.out_colour);
}

int tell(const std::string& provider, const std::vector<policies::NetworkProblem>& problems,
         const NetworkOptions& options, const Terminal& terminal) {
  Json json = {{"provider", provider}, {"problems", Json::array()}};
  for (const policies::NetworkProblem& problem : problems)
    json["problems"].push_back({{"problem", problem.what}, {"remedy", problem.remedy}});
  if (is_structured(options.output))
    print(json, options.output, terminal);
  else if (problems.empty())
    terminal.out << "the network of pods is in order\n";
  else
    for (const policies::NetworkProblem& problem : problems)
      terminal.out << problem.what << "\n" << (problem.remedy.empty() ? "" : "  " + problem.remedy + "\n");
  return problems.empty() ? Exit::done : Exit::failed;
}

}  // namespace

int network_inspect(const NetworkOptions& options, const Terminal& terminal) {
  const auto config = read_network_config(options.config);
  if (!config) return complain(terminal, config.error().message());
  if (config->provider == spec::NetworkConfig::Provider::none)
    return without_bridge(options, terminal, Json::object());
  const network::cni::Inspection cni = network::cni::inspect(*config, options.state);
  const auto found = network::inspect_embedded(*config, options.state);
  if (!found) return complain_of(found.error(), terminal);
  const Json json = cni.used ? cni_json(cni) : inspection_json(*found);
  if (is_structured(options.output))
    print(json, options.output, terminal);
  else if (cni.used)
    print_cni(json, terminal);
  else
    print_table(json, terminal);
  return Exit::done;
}

int network_check(const NetworkOptions& options, const Terminal& terminal) {
  const auto config = read_network_config(options.config);
  if (!config) return complain(terminal, config.error().message());
  if (config->provider == spec::NetworkConfig::Provider::none)
    return without_bridge(options, terminal, {{"problems", Json::array()}});
  const network::cni::Inspection cni = network::cni::inspect(*config, options.state);
  if (cni.used) {
    policies::NetworkFacts facts;
    facts.faults = cni.faults;
    return tell("cni", policies::network_problems(facts), options, terminal);
  }
  auto found = network::inspect_embedded(*config, options.state);
  if (!found) return complain_of(found.error(), terminal);
  found->facts.faults.insert(found->facts.faults.end(), cni.faults.begin(), cni.faults.end());
  return tell("embedded", policies::network_problems(found->facts), options, terminal);
}

}  // namespace podsd::cli
