// SPDX-License-Identifier: Apache-2.0
#include <set>

#include <boost/test/unit_test.hpp>

#include "spec/schema.hpp"

namespace podsd::spec {
namespace {

void walk(const ObjectRule& rule, std::set<const ObjectRule*>& seen, std::size_t& fields) {
  if (!seen.insert(&rule).second) return;
  std::set<std::string_view> names;
  for (const FieldRule& field : rule.fields) {
    ++fields;
    const bool nested = field.type == Type::object || field.type == Type::objects;
    BOOST_TEST(names.insert(field.name).second, field.name << " stands twice in one table");
    BOOST_TEST(nested == (field.object != nullptr), field.name);
    if (field.object != nullptr) walk(*field.object, seen, fields);
  }
}

}  // namespace

BOOST_AUTO_TEST_CASE(tables_are_sound) {
  std::set<const ObjectRule*> seen;
  std::size_t fields = 0;
  walk(pod_rule, seen, fields);
  BOOST_TEST(seen.size() > 80U);
  BOOST_TEST(fields > 350U);
}

}  // namespace podsd::spec
