// SPDX-License-Identifier: Apache-2.0
#include "agent/cli/plan.hpp"

#include <algorithm>
#include <optional>

#include "agent/cli/plan_text.hpp"
#include "agent/cli/validate.hpp"
#include "agent/config_file.hpp"
#include "agent/engine/folders.hpp"
#include "agent/engine/id_ranges.hpp"
#include "agent/engine/oci_config.hpp"
#include "agent/engine/pod_users.hpp"
#include "agent/node.hpp"
#include "agent/pod_view.hpp"

namespace podsd::cli {
namespace {

constexpr const char* config_path = "/etc/podsd/podsd.yaml";

/// This node as the agent sees it. Where it is none that podsd can run on, one that has every controller.
Result<units::NodeFacts> node_facts(const Terminal& terminal) {
  auto node = agent::look_at_node();
  if (!node) {
    terminal.err << "podsctl: warning: " << node.error().message()
                 << "; the plan is for a node that has one\n";
    node = units::NodeFacts{};
    node->controllers = {"cpu", "memory", "pids"};
  }
  node->bus_name = "org.podsd1";
  // Which runtime makes a container, and what its pod is connected with, changes nothing of what is shown.
  engine::Runtimes runtimes;
  spec::NetworkConfig network;
  if (auto read = agent::read_config(config_path, *node, runtimes, network); !read)
    return std::unexpected(read.error());
  return node;
}

/// What the engine would bind into the container. Engine's own check of host paths is left out: it makes
/// missing ones.
std::vector<engine::Bind> binds_of(const engine::ContainerSpec& container, const std::string& sandbox) {
  const engine::Folders folders(engine::Paths{}, sandbox);
  std::vector<engine::Bind> binds = folders.binds(container.name, {}).value_or(std::vector<engine::Bind>());
  for (std::size_t i = 0; i < container.mounts.size(); ++i)
    binds.push_back(folders.bind(container.name, container.mounts[i], i));
  return binds;
}

/// In the place of linux.seccomp, whose hundreds of names would hide the rest.
nlohmann::ordered_json seccomp_word(const spec::SecurityContext& security) {
  using Type = spec::SeccompProfile::Type;
  if (security.privileged || security.seccomp.type == Type::unconfined) return {};
  return security.seccomp.type == Type::localhost ? "Localhost: " + security.seccomp.localhost_profile
                                                  : "RuntimeDefault";
}

/// One pod's part of the answer.
class PodPlan {
 public:
  PodPlan(const units::State& state, const PlanOptions& options, const Terminal& terminal)
      : state_(state),
        options_(options),
        terminal_(terminal),
        ids_(engine::Paths{}.state / "id-ranges.json", {state.node.users_first_id, state.node.users_pods}) {}

  /// Prints it; gives whether every container has a configuration.
  bool print() {
    terminal_.out << plan_text(state_.plan);
    bool whole = true;
    for (const units::ContainerPlan& container : state_.plan.containers) {
      const auto config = config_of(container.name);
      if (!config) {
        complain(terminal_,
                 "no OCI configuration of container \"" + container.name + "\": " + config.error().message());
        whole = false;
        continue;
      }
      terminal_.out << "# config.json of " << container.name << "\n"
                    << config->dump(2, ' ', false, nlohmann::json::error_handler_t::replace) << "\n\n";
    }
    return whole;
  }

 private:
  Result<nlohmann::ordered_json> config_of(const std::string& name) {
    const engine::ContainerSpec container = agent::container_spec(state_, name, 0);
    const auto image = image_of(container.image);
    if (!image) return std::unexpected(image.error());
    const spec::SecurityContext& security = container.security;
    const auto user =
        image::resolve_user(*image, image->config.user, security.run_as_user, security.run_as_group);
    if (!user) return std::unexpected(user.error());
    const engine::SandboxSpec sandbox = agent::sandbox_spec(state_, true);
    std::uint32_t first_id = 0;
    if (sandbox.own_users) {
      const auto ids = ids_.peek(sandbox.id);
      if (!ids) return std::unexpected(ids.error());
      if (auto within = engine::check_within_pod(*user); !within) return std::unexpected(within.error());
      first_id = *ids;
    }
    return engine::oci_config({container,
                               image->config,
                               *user,
                               sandbox.hostname,
                               binds_of(container, sandbox.id),
                               seccomp_word(security),
                               {},
                               first_id,
                               engine::Folders(engine::Paths{}, sandbox.id).user_namespace()});
  }

  Result<image::Image> image_of(const std::string& reference) {
    const auto store = image::Store::open(options_.store);
    if (!store) return std::unexpected(store.error());
    auto found = store->find(reference);
    if (!found) return std::unexpected(found.error());
    if (!*found) return fail("image is not in the store: import it with `podsctl image import`", reference);
    return std::move(**found);
  }

  const units::State& state_;
  const PlanOptions& options_;
  const Terminal& terminal_;
  engine::IdRanges ids_;
};

}  // namespace

int plan(const PlanOptions& options, const Terminal& terminal) {
  const auto text = read_manifest(options.file);
  if (!text) return complain(terminal, text.error().message());
  const spec::Manifest manifest = spec::parse_manifest(*text, options.file == "-" ? "stdin" : options.file);
  int exit = print_diagnostics(manifest, terminal) ? Exit::done : Exit::failed;
  if (manifest.pods.empty()) return exit;
  const auto node = node_facts(terminal);
  if (!node) return complain(terminal, node.error().message());
  for (const spec::Pod& pod : manifest.pods) {
    const units::State state = units::begin(pod, *node);
    for (const std::string& warning : state.plan.warnings) {
      terminal.err << pod.name << ": warning: " << warning << "\n";
    }
    if (!PodPlan(state, options, terminal).print()) exit = Exit::failed;
  }
  return exit;
}

}  // namespace podsd::cli
