// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace podsd::sandbox {

/// Fixed numbers of what podsd-sandbox inherits beside 0, 1 and 2.
inline constexpr int listen_fd = 3;
inline constexpr int gate_fd = 4;

/// The command line: podsd-sandbox [--hostname NAME] [--host-network] [--user-ids FIRST FILE]
/// [--read-only DIR]... [--tmpfs DIR OPTIONS]...
struct Options {
  const char* hostname = nullptr;  ///< null: the caller's uts namespace is kept
  bool host_network = false;
  const char* first_id = nullptr;   ///< null: the host's user namespace is kept
  const char* user_file = nullptr;  ///< see make_user_namespace()
  char** begin = nullptr;           ///< the words themselves, for the mounts among them
  char** end = nullptr;
};

/// Reads and checks the command line; ends the process with 64 (EX_USAGE) where it is wrong.
[[nodiscard]] Options parse_options(int argc, char** argv);

/// Gives this process the pod's namespaces: ipc and mount always, uts with a hostname, net with loopback up
/// unless the host's is kept, all but mount owned by the pod's user namespace where it has one. Mounts of the
/// host still arrive here (slave), none of here leaves. Ends the process on failure.
void isolate(const Options& options);

}  // namespace podsd::sandbox
