// SPDX-License-Identifier: Apache-2.0
#include "agent/cli/act.hpp"

namespace podsd::cli {
namespace {

struct Words {
  const char* method;
  const char* past;
};

Words words(Verb verb) {
  switch (verb) {
    case Verb::start:
      return {"StartPod", "started"};
    case Verb::stop:
      return {"StopPod", "stopped"};
    case Verb::restart:
      return {"RestartPod", "restarted"};
  }
  return {"", ""};
}

}  // namespace

int act(const ActOptions& options, const Connect& connect, const Terminal& terminal) {
  const auto agent = connect();
  if (!agent) return complain(terminal, bus_error_text(agent.error(), options.pod));
  const auto [method, past] = words(options.verb);
  const auto reply = (*agent)->act(method, options.ns, options.pod, options.container);
  if (!reply) {
    if (reply.error().subject.ends_with(".NoSuchContainer")) {
      return complain(terminal, "pod \"" + options.pod + "\" has no container \"" + options.container + "\"");
    }
    return complain(terminal, bus_error_text(reply.error(), options.pod));
  }
  terminal.out << "pod/" << options.pod
               << (options.container.empty() ? "" : " container " + options.container) << " " << past << "\n";
  return Exit::done;
}

}  // namespace podsd::cli
