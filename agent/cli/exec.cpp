// SPDX-License-Identifier: Apache-2.0
#include "agent/cli/exec.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "agent/os/unique_fd.hpp"

namespace podsd::cli {

int exec(const ExecOptions& options, const Connect& connect, const Terminal& terminal) {
  const UniqueFd null(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  if (!null) return complain(terminal, std::string("cannot open /dev/null: ") + std::strerror(errno));
  const auto agent = connect();
  if (!agent) return complain(terminal, bus_error_text(agent.error(), options.pod));
  const auto status =
      (*agent)->exec({options.ns, options.pod, options.container, options.command},
                     {options.stdin ? STDIN_FILENO : null.get(), STDOUT_FILENO, STDERR_FILENO});
  if (status) return *status;
  if (status.error().subject.ends_with(".NoSuchContainer"))
    return complain(terminal, "pod \"" + options.pod + "\" has no container \"" + options.container + "\"");
  return complain(terminal, bus_error_text(status.error(), options.pod));
}

}  // namespace podsd::cli
