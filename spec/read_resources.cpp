// SPDX-License-Identifier: Apache-2.0
#include "spec/quantity.hpp"
#include "spec/read.hpp"
#include "spec/scalar.hpp"
#include "spec/schema_parts.hpp"

namespace podsd::spec {
namespace {

constexpr FieldRule resource_names[] = {yes("cpu", Type::quantity), yes("memory", Type::quantity),
                                        yes("ephemeral-storage", Type::quantity)};
constexpr ObjectRule resource_rule{resource_names};

std::optional<std::int64_t> read_quantity(const Reader& reader,
                                          Result<std::int64_t> (*parse)(std::string_view)) {
  const Node& node = reader.node();
  if (!fits(node, Type::quantity) || node.kind == Node::Kind::null) return std::nullopt;
  const Result<std::int64_t> value = parse(node.text);
  if (value) return *value;
  if (value.error().what == "not a quantity") {
    reader.expect("a quantity such as 500m, 0.5, 64Mi or 1e9");
  } else {
    reader.error("found " + excerpt_bare(node.text) + ", which is " + value.error().what);
  }
  return std::nullopt;
}

void refuse_resource(const Reader& map, const Node::Entry& entry) {
  const std::string& name = entry.key;
  const FieldRule* known = resource_rule.find(name);
  const bool refused =
      known != nullptr || name.find('/') != std::string::npos || name.starts_with("hugepages-");
  map.findings().error(entry.position, join(map.path(), name),
                       refused ? "not supported yet" : "unknown resource" + suggestion(name, resource_rule));
}

struct Entries {
  ResourceList list;
  std::optional<Reader> cpu;
  std::optional<Reader> memory;
};

Entries read_list(const Reader& reader, std::string_view name) {
  Entries out;
  const Reader map = reader.field(name, Type::quantity_map);
  if (!map.present()) return out;
  for (const Node::Entry& node : map.node().entries) {
    const Reader entry = map.entry(node);
    if (node.key == "cpu") {
      out.cpu = entry;
      out.list.cpu_milli = read_quantity(entry, parse_milli);
    } else if (node.key == "memory") {
      out.memory = entry;
      out.list.memory_bytes = read_bytes(entry);
    } else {
      refuse_resource(map, node);
    }
  }
  return out;
}

/// A request defaults to the limit, and may not pass it.
void settle(std::optional<std::int64_t>& request, const std::optional<std::int64_t>& limit,
            const std::optional<Reader>& request_at, const std::optional<Reader>& limit_at) {
  if (request && limit && *request > *limit && request_at && limit_at)
    request_at->error("found a request of " + excerpt_bare(request_at->node().text) +
                      ", expected at most the limit of " + excerpt_bare(limit_at->node().text));
  if (!request && !request_at) request = limit;
}

/// The kubelet sets no limit for 0.
void drop_zero(std::optional<std::int64_t>& limit, const std::optional<Reader>& at) {
  if (!limit || *limit != 0) return;
  if (at) at->warning("a limit of 0 is no limit");
  limit.reset();
}

}  // namespace

std::optional<std::int64_t> read_bytes(const Reader& reader) {
  const std::optional<std::int64_t> bytes = read_quantity(reader, parse_units);
  if (bytes && reader.node().text.ends_with('m'))
    reader.warning("found " + excerpt_bare(reader.node().text) +
                   ", which is thousandths of a byte: M and Mi are megabytes");
  return bytes;
}

Resources read_resources(const Reader& reader) {
  Resources out;
  if (!reader.present()) return out;
  const Entries limits = read_list(reader, "limits");
  const Entries requests = read_list(reader, "requests");
  out = {limits.list, requests.list};
  settle(out.requests.cpu_milli, out.limits.cpu_milli, requests.cpu, limits.cpu);
  settle(out.requests.memory_bytes, out.limits.memory_bytes, requests.memory, limits.memory);
  drop_zero(out.limits.cpu_milli, limits.cpu);
  drop_zero(out.limits.memory_bytes, limits.memory);
  return out;
}

}  // namespace podsd::spec
