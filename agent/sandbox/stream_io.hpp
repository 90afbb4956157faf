// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

namespace podsd::sandbox {

/// Of this end only: the other one went elsewhere.
void make_nonblocking(int fd);

/// 0 is none.
void close_and_forget(int& fd);

/// CLOCK_MONOTONIC in milliseconds.
[[nodiscard]] int64_t monotonic_ms();

/// Sends to a journal stream as the process `pid` (unix(7), SCM_CREDENTIALS), for which this one needs
/// CAP_SYS_ADMIN; as this process where there is none of that number any more. Gives what send(2) gives.
[[nodiscard]] ssize_t send_as(int socket, const char* data, size_t size, int pid);

/// Receives what an OCI runtime sends over a connection to its console socket. 0: no terminal came.
[[nodiscard]] int receive_master(int connection);

}  // namespace podsd::sandbox
