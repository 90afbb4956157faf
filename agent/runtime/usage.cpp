// SPDX-License-Identifier: Apache-2.0
#include "agent/runtime/options.hpp"

namespace podsd::runtime {

std::string usage() {
  return "podsd-runtime [--root DIR] [--cache DIR] [--log FILE] [--log-format text|json] [--systemd-cgroup] "
         "[--debug] [--criu FILE] [--rootless true|false|auto] COMMAND\n"
         "\n"
         "Runs containers from OCI bundles (config.json and a root file system).\n"
         "\n"
         "  create [OPTIONS] ID      set a container up, all but its program\n"
         "  start ID                 execute the program of a created container\n"
         "  run [OPTIONS] ID         both at once\n"
         "    -b, --bundle DIR         where config.json is; default: the current directory\n"
         "        --pid-file FILE      gets the process id of the container's init\n"
         "        --console-socket S   gets the master of the terminal, where process.terminal asks for one\n"
         "        --pidfd-socket S     gets a pidfd of the container's init\n"
         "        --no-pivot           move the root instead of pivot_root, for a root on a ramfs\n"
         "        --no-new-keyring     keep the caller's session keyring\n"
         "        --preserve-fds N     hand N file descriptors from 3 on to the program\n"
         "    -d, --detach             run: return once the program has been executed\n"
         "        --keep               run: the container stays known after its end\n"
         "  exec [OPTIONS] ID WORD…  another program in a running container\n"
         "    -p, --process FILE       an OCI process object, in place of the options below and the words\n"
         "    -t, --tty                with a terminal; with -d its master goes to --console-socket S\n"
         "        --cgroup PATH        in a cgroup below the container's\n"
         "    -d, --detach, --pid-file FILE, --pidfd-socket S, --preserve-fds N, --cwd DIR,\n"
         "    -e, --env NAME=VALUE, -u, --user UID[:GID], -g, --additional-gids GID, -c, --cap NAME,\n"
         "    --no-new-privs, --apparmor PROFILE, --process-label LABEL\n"
         "  state ID                 what is known of a container, as JSON\n"
         "  kill ID [SIGNAL]         send its init a signal; default: TERM\n"
         "  delete [-f] ID           forget a stopped container; -f kills it before\n"
         "  list [-q] [-f json]      all containers\n"
         "  spec [-b DIR]            write a config.json to start from\n"
         "  features                 what this runtime knows of the OCI specification, as JSON\n"
         "\n"
         "  -h, --help               this text\n"
         "  -v, --version            the version\n";
}

}  // namespace podsd::runtime
