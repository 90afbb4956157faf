// SPDX-License-Identifier: Apache-2.0
// plans/*.yaml and what becomes of them: plans/*.plan.txt. With PODSD_WRITE_GOLDEN=1 the texts are written
// anew.
#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "spec/manifest.hpp"
#include "tests/units/world.hpp"

namespace podsd::tests {
namespace {

namespace fs = std::filesystem;

std::string read(const fs::path& path) {
  std::ifstream in(path);
  return {std::istreambuf_iterator<char>(in), {}};
}

void write(std::string& out, const UnitPlan& unit, const std::string& note) {
  out += "[" + unit.name + "]" + note + "\n";
  for (const Property& p : unit.properties) out += to_string(p) + "\n";
  out += "\n";
}

std::string text(const Plan& plan) {
  std::string out;
  write(out, plan.slice, "");
  write(out, plan.sandbox, "");
  for (const ContainerPlan& c : plan.containers)
    write(out, c.scope,
          (c.init ? " init" : "") + std::string(" oom_score_adj ") + std::to_string(c.oom_score_adj));
  for (const std::string& warning : plan.warnings) out += "warning: " + warning + "\n";
  return out;
}

NodeFacts golden_node() {
  NodeFacts facts;
  facts.controllers = {"cpu", "pids"};
  facts.bus_name = "org.podsd1";
  facts.memory.throttling_factor = 0.9;
  return facts;
}

void compare(const fs::path& manifest) {
  const spec::Manifest parsed = spec::parse_manifest(read(manifest), manifest.filename());
  for (const spec::Diagnostic& d : parsed.diagnostics) BOOST_TEST_MESSAGE(d.text());
  BOOST_REQUIRE(parsed.ok());
  std::string got;
  for (const spec::Pod& pod : parsed.pods) got += text(make_plan(pod, golden_node()));
  const fs::path golden = fs::path(manifest).replace_extension(".plan.txt");
  if (std::getenv("PODSD_WRITE_GOLDEN") != nullptr) std::ofstream(golden) << got;
  BOOST_TEST(got == read(golden), golden.string() << " differs; the plan is now:\n" << got);
}

BOOST_AUTO_TEST_CASE(golden_plans) {
  const auto& suite = boost::unit_test::framework::master_test_suite();
  BOOST_REQUIRE_MESSAGE(suite.argc == 2, "the folder of the plans is to be given after --");
  std::size_t seen = 0;
  for (const fs::directory_entry& entry : fs::directory_iterator(suite.argv[1]))
    if (entry.path().extension() == ".yaml") BOOST_TEST_CONTEXT(entry.path().filename()) {
        compare(entry.path());
        ++seen;
      }
  BOOST_TEST(seen >= 3U);
}

}  // namespace
}  // namespace podsd::tests
