// SPDX-License-Identifier: Apache-2.0
// podsd-cni INSTANCE: one operation on a pod's CNI network, as podsd-cni@INSTANCE.service. It is apart from
// the agent so that plugins are in a unit of their own: they can be waited for, and end with it, daemons
// included, while the agent goes on.
#include <cerrno>
#include <cstdio>
#include <string>

#include "agent/network/cni/request.hpp"
#include "agent/os/files.hpp"

namespace {

using namespace podsd;
using network::cni::Request;

Result<network::Attachment> run(const Request& request) {
  network::cni::Operations operations({request.settings, "/run/podsd/cni-versions"},
                                      network::cni::Records("/var/lib/podsd/cni"));
  using policies::CniCommand;
  if (request.command == CniCommand::add) return operations.add(request.pod);
  const auto done = request.command == CniCommand::del     ? operations.remove(request.pod.id)
                    : request.command == CniCommand::check ? operations.check(request.pod.id)
                                                           : operations.collect();
  if (!done) return std::unexpected(done.error());
  return network::Attachment{};
}

int complain(const Error& error) {
  std::fprintf(stderr, "<3>%s\n", error.message().c_str());
  return 1;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "podsd-cni is run by podsd-cni@.service\n");
    return 2;
  }
  const auto folder = std::filesystem::path("/run/podsd/cni") / argv[1];
  const auto text = os::read_file(folder / network::cni::request_file);
  // Somebody waits for the end of what was asked before.
  if (!text && text.error().code == ENOENT) return 0;
  if (!text) return complain(text.error());
  const auto request = network::cni::request_from(*text);
  if (!request) return complain(request.error());
  const auto outcome = run(*request);
  if (auto told = os::replace_file(folder / network::cni::outcome_file, network::cni::to_text(outcome));
      !told)
    return complain(told.error());
  return outcome ? 0 : complain(outcome.error());
}
