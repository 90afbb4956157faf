// SPDX-License-Identifier: Apache-2.0
// What a pod with a user namespace of its own cannot have (KEP-127; core/v1 PodSpec.hostUsers).
#include "spec/read.hpp"
#include "spec/scalar.hpp"

namespace podsd::spec {
namespace {

constexpr std::int64_t last_id = 65535;

void check_id(const Reader& id) {
  if (!id.present()) return;
  const auto value = integer_value(id.node());
  if (value && *value > last_id) id.expect("an id up to 65535, as hostUsers is false");
}

void check_security(const Reader& security) {
  if (!security.present()) return;
  check_id(security.field("runAsUser", Type::integer));
  check_id(security.field("runAsGroup", Type::integer));
  const Reader groups = security.field("supplementalGroups", Type::integers);
  if (!groups.present()) return;
  for (std::size_t i = 0; i < groups.node().items.size(); ++i)
    if (fits(groups.node().items[i], Type::integer)) check_id(groups.item(i));
}

}  // namespace

void check_own_users(const Reader& spec) {
  for (const char* shared : {"hostNetwork", "hostPID", "hostIPC"})
    if (spec.flag(shared, false))
      spec.field(shared, Type::boolean).error("found true, expected false, as hostUsers is false");
  check_security(spec.field("securityContext", Type::object));
  for (const char* list : {"initContainers", "containers"}) {
    const Reader containers = spec.field(list, Type::objects);
    if (!containers.present()) continue;
    for (std::size_t i = 0; i < containers.node().items.size(); ++i)
      if (const Reader item = containers.item(i); item.node().kind == Node::Kind::mapping)
        check_security(item.field("securityContext", Type::object));
  }
}

}  // namespace podsd::spec
