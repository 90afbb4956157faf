// SPDX-License-Identifier: Apache-2.0
#include "agent/cli/command_line.hpp"
#include "agent/cli/network.hpp"
#include "agent/cli/options.hpp"
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

void add_network(CLI::App& app, Action& chosen) {
  struct Word {
    const char* name;
    const char* help;
    int (*run)(const NetworkOptions&, const Terminal&);
  };
  CLI::App* network = app.add_subcommand("network", "look at the network of pods");
  network->require_subcommand(1);
  for (const Word& word :
       {Word{"inspect", "show ranges, the bridge and what each pod has", network_inspect},
        Word{"check", "say what is wrong with the network of pods; exit status 1 if something is",
             network_check}}) {
    CLI::App* command = network->add_subcommand(word.name, word.help);
    const auto output = std::make_shared<std::string>();
    command->add_option("-o,--output", *output, "json or yaml")
        ->type_name("FORMAT")
        ->check(CLI::IsMember({"json", "yaml"}));
    command->callback([=, &chosen] {
      chosen = [output, run = word.run](const Context& context) {
        NetworkOptions options;
        options.output = output_of(*output);
        return run(options, context.terminal);
      };
    });
  }
}

}  // namespace podsd::cli
