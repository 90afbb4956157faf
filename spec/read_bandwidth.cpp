// SPDX-License-Identifier: Apache-2.0
#include "spec/quantity.hpp"
#include "spec/read.hpp"

namespace podsd::spec {
namespace {

std::optional<std::int64_t> read_rate(const Reader& annotations, std::string_view name, bool host_network) {
  constexpr std::int64_t least = 1'000;
  constexpr std::int64_t most = 1'000'000'000'000'000;
  const Reader field = annotations.field(name, Type::text);
  if (!field.present()) return std::nullopt;
  const auto rate = parse_units(field.node().text);
  if (!rate || *rate < least || *rate > most) {
    field.expect("bits per second from 1k to 1P, such as 10M");
    return std::nullopt;
  }
  if (host_network) field.warning("has no effect with hostNetwork");
  return *rate;
}

}  // namespace

Bandwidth read_bandwidth(const Reader& annotations, bool host_network) {
  if (!annotations.present()) return {};
  return {read_rate(annotations, "kubernetes.io/ingress-bandwidth", host_network),
          read_rate(annotations, "kubernetes.io/egress-bandwidth", host_network)};
}

}  // namespace podsd::spec
