// SPDX-License-Identifier: Apache-2.0
#include "agent/cli/command_line.hpp"

#include "agent/cli/act.hpp"
#include "agent/cli/attach.hpp"
#include "agent/cli/copy.hpp"
#include "agent/cli/duration.hpp"
#include "agent/cli/exec.hpp"
#include "agent/cli/get.hpp"
#include "agent/cli/logs.hpp"
#include "agent/cli/options.hpp"
#include "agent/cli/plan.hpp"
#include "agent/cli/validate.hpp"

namespace podsd::cli {
namespace {

void add_namespace(CLI::App& command, std::string& ns) {
  command.add_option("-n,--namespace", ns, "namespace of the pod (default: default)")->type_name("NS");
}

/// Splits "pods web", "pod web api" and "pod/web" into names; throws CLI::ValidationError for anything else.
std::vector<std::string> pod_names(const std::vector<std::string>& words) {
  const std::string& kind = words.front();
  if (kind == "pods" || kind == "pod" || kind == "po") return {words.begin() + 1, words.end()};
  std::vector<std::string> names;
  for (const std::string& word : words) {
    const std::string name = pod_name(word);
    if (name == word)
      throw CLI::ValidationError("unknown kind of resource \"" + kind + "\": only pods are known");
    names.push_back(name);
  }
  return names;
}

const char* const epilogue =
    "Manifests live in /etc/pods.d. Each container is a unit: see also systemctl status pods.slice and "
    "journalctl -u.\n"
    "podsctl COMMAND --help tells more about a command.";

/// "podsctl image import": the command as far as the line names one.
std::string command_path(const CLI::App& app) {
  std::string path = app.get_name();
  const std::vector<CLI::App*> inner = app.get_subcommands();
  return inner.empty() ? path : path + " " + command_path(*inner.front());
}

/// What is wrong with the line. CLI11 itself only misses a command where a word is none that it knows.
std::string explained(const CLI::App& app, const CLI::Error& error) {
  if (error.get_exit_code() != static_cast<int>(CLI::ExitCodes::RequiredError) ||
      std::string_view(error.what()) != "A subcommand is required") {
    return error.what();
  }
  const std::vector<std::string> words = app.remaining(true);
  if (words.empty()) return "a command is required";
  return (words.front().starts_with("-") ? "unknown option \"" : "unknown command \"") + words.front() + "\"";
}

}  // namespace

void add_get(CLI::App& app, Action& chosen) {
  CLI::App* command = app.add_subcommand("get", "show pods: podsctl get pods [NAME...]");
  auto options = std::make_shared<GetOptions>();
  auto words = std::make_shared<std::vector<std::string>>();
  auto output = std::make_shared<std::string>();
  command->add_option("RESOURCE", *words, "pods, and the names of some of them; or pod/NAME")->required();
  add_namespace(*command, options->ns);
  command->add_flag("-A,--all-namespaces", options->all_namespaces, "pods of every namespace");
  add_output(*command, output);
  command->callback([=, &chosen] {
    options->names = pod_names(*words);
    options->output = output_of(*output);
    if (options->all_namespaces && !options->names.empty()) {
      throw CLI::ValidationError("a pod is named within one namespace: leave out -A or the name");
    }
    chosen = [options](const Context& context) {
      return get_pods(*options, context.connect, context.terminal, realtime_now());
    };
  });
}

void add_logs(CLI::App& app, Action& chosen) {
  CLI::App* command = app.add_subcommand("logs", "show what a container wrote, from the journal");
  auto options = std::make_shared<LogsOptions>();
  auto since = std::make_shared<std::string>();
  auto tail = std::make_shared<std::int64_t>(-1);
  command->add_option("POD", options->pod, "name of the pod")->required();
  command->add_option("-c,--container,CONTAINER", options->container, "container (default: the first)");
  add_namespace(*command, options->ns);
  command->add_flag("-f,--follow", options->follow, "show new lines until the pod is gone");
  command->add_option("--tail", *tail, "only the last lines (-1: all)")->type_name("LINES");
  command->add_option("--since", *since, "only lines newer than, as 90s, 5m, 2h")->type_name("DURATION");
  command->add_flag("-t,--timestamps", options->timestamps, "begin each line with its time");
  command->add_flag("-p,--previous", options->previous, "lines of the run before the current one");
  command->add_option("--directory", options->journal, "read the journal files of a directory")
      ->type_name("DIR");
  command->callback([=, &chosen] {
    options->pod = pod_name(options->pod);
    if (*tail >= 0) options->tail = static_cast<std::uint64_t>(*tail);
    if (!since->empty()) {
      const auto span = parse_duration(*since);
      if (!span) throw CLI::ValidationError("--since: " + span.error().message());
      options->since = *span;
    }
    chosen = [options](const Context& context) {
      return logs(*options, context.connect, context.terminal, realtime_now());
    };
  });
}

void add_exec(CLI::App& app, Action& chosen) {
  CLI::App* command = app.add_subcommand(
      "exec", "run a command in a container: podsctl exec [-it] POD [-c CONTAINER] -- COMMAND");
  auto options = std::make_shared<ExecOptions>();
  command->add_option("POD", options->pod, "name of the pod")->required();
  command->add_option("COMMAND", options->command, "the program and its arguments, behind --")->required();
  command->add_option("-c,--container", options->container, "container (default: the first)");
  add_namespace(*command, options->ns);
  command->add_flag("-i,--stdin", options->stdin, "hand it this command's standard input");
  command->add_flag("-t,--tty", options->tty, "give it a terminal");
  command->callback([=, &chosen] {
    options->pod = pod_name(options->pod);
    chosen = [options](const Context& context) { return exec(*options, context.connect, context.terminal); };
  });
}

void add_attach(CLI::App& app, Action& chosen) {
  CLI::App* command = app.add_subcommand(
      "attach", "be at a running container: podsctl attach [-it] POD [-c CONTAINER]; ^P ^Q leave a terminal");
  auto options = std::make_shared<AttachOptions>();
  command->add_option("POD", options->pod, "name of the pod")->required();
  command->add_option("-c,--container", options->container, "container (default: the first)");
  add_namespace(*command, options->ns);
  command->add_flag("-i,--stdin", options->stdin, "hand it this command's standard input");
  command->add_flag("-t,--tty", options->tty, "at its terminal; where it has one, that goes without saying");
  command->callback([=, &chosen] {
    options->pod = pod_name(options->pod);
    chosen = [options](const Context& context) {
      return attach(*options, context.connect, context.terminal);
    };
  });
}

void add_copy(CLI::App& app, Action& chosen) {
  CLI::App* command =
      app.add_subcommand("cp", "copy files into or out of a container: podsctl cp POD:PATH PATH");
  auto options = std::make_shared<CopyOptions>();
  command->add_option("SOURCE", options->source, "PATH, POD:PATH, or - for a tar archive")->required();
  command->add_option("TARGET", options->target, "POD:PATH, PATH, or - for a tar archive")->required();
  command->add_option("-c,--container", options->container, "container (default: the first)");
  add_namespace(*command, options->ns);
  command->callback([=, &chosen] {
    chosen = [options](const Context& context) { return copy(*options, context.connect, context.terminal); };
  });
}

void add_verbs(CLI::App& app, Action& chosen) {
  struct Word {
    Verb verb;
    const char* name;
    const char* help;
  };
  for (const Word& word :
       {Word{Verb::start, "start", "start a pod, or one container of it, that was stopped"},
        Word{Verb::stop, "stop", "stop a pod or container until it is started again"},
        Word{Verb::restart, "restart", "stop a pod or container and start it anew"}}) {
    CLI::App* command = app.add_subcommand(word.name, word.help);
    auto options = std::make_shared<ActOptions>();
    options->verb = word.verb;
    command->add_option("POD", options->pod, "name of the pod")->required();
    command->add_option("-c,--container,CONTAINER", options->container, "container (default: the whole pod)");
    add_namespace(*command, options->ns);
    command->callback([=, &chosen] {
      options->pod = pod_name(options->pod);
      chosen = [options](const Context& context) { return act(*options, context.connect, context.terminal); };
    });
  }
}

void add_manifests(CLI::App& app, Action& chosen) {
  CLI::App* check = app.add_subcommand("validate", "check manifests; needs no agent");
  auto files = std::make_shared<std::vector<std::string>>();
  check->add_option("FILE", *files, "manifests; - is standard input")->required();
  check->callback([=, &chosen] {
    chosen = [files](const Context& context) { return validate(*files, context.terminal); };
  });

  CLI::App* show =
      app.add_subcommand("plan", "show the units, properties and OCI config that a manifest results in");
  auto options = std::make_shared<PlanOptions>();
  show->add_option("FILE", options->file, "the manifest; - is standard input")->required();
  show->add_option("--store", options->store, "image store")->type_name("DIR")->capture_default_str();
  show->callback([=, &chosen] {
    chosen = [options](const Context& context) { return plan(*options, context.terminal); };
  });
}

int run_command_line(int argc, const char* const* argv, const Context& context) {
  CLI::App app("Runs Kubernetes Pods on this machine: looks at them and controls them.", "podsctl");
  app.set_version_flag("--version", "podsctl " PODSD_VERSION);
  app.require_subcommand(1);
  Action chosen;
  for (const auto add : {add_get, add_logs, add_exec, add_attach, add_copy, add_port_forward, add_network,
                         add_verbs, add_manifests, add_images})
    add(app, chosen);
  app.footer(epilogue);  // not before, or every command inherits it
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& success) {
    app.exit(success, context.terminal.out, context.terminal.err);
    return Exit::done;
  } catch (const CLI::Error& error) {
    complain(context.terminal, explained(app, error) + " (see: " + command_path(app) + " --help)");
    return Exit::usage;
  }
  return chosen(context);
}

}  // namespace podsd::cli
