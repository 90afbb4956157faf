// SPDX-License-Identifier: Apache-2.0
#include "agent/cli/command_line.hpp"
#include "agent/cli/port_forward.hpp"

namespace podsd::cli {

void add_port_forward(CLI::App& app, Action& chosen) {
  CLI::App* command = app.add_subcommand(
      "port-forward", "lead local ports to a pod's: podsctl port-forward POD LOCAL:REMOTE");
  auto options = std::make_shared<PortForwardOptions>();
  auto ports = std::make_shared<std::vector<std::string>>();
  command->add_option("POD", options->pod, "name of the pod")->required();
  command->add_option("PORTS", *ports, "LOCAL:REMOTE, PORT for both, or :REMOTE for any local one")
      ->required();
  command->add_option("-n,--namespace", options->ns, "namespace of the pod (default: default)")
      ->type_name("NS");
  command->callback([=, &chosen] {
    options->pod = pod_name(options->pod);
    for (const std::string& text : *ports) {
      const auto forward = parse_forward(text);
      if (!forward) throw CLI::ValidationError("PORTS: found " + text + ", expected LOCAL:REMOTE");
      options->forwards.push_back(*forward);
    }
    chosen = [options](const Context& context) {
      return port_forward(*options, context.connect, context.terminal);
    };
  });
}

}  // namespace podsd::cli
