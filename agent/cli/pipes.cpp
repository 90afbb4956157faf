// SPDX-License-Identifier: Apache-2.0
#include "agent/cli/pipes.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

namespace podsd::cli {

Result<void> make_pipe(UniqueFd& read, UniqueFd& write) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return fail("cannot make a pipe", {}, errno);
  read.reset(ends[0]);
  write.reset(ends[1]);
  return {};
}

Result<Pipes> Pipes::open(bool input) {
  Pipes pipes;
  for (auto [read, write] : {std::pair{&pipes.their_in, &pipes.in}, std::pair{&pipes.out, &pipes.their_out},
                             std::pair{&pipes.err, &pipes.their_err}})
    if (auto made = make_pipe(*read, *write); !made) return std::unexpected(made.error());
  if (!input) pipes.in.reset();
  return pipes;
}

void Pipes::close_theirs() {
  for (UniqueFd* fd : {&their_in, &their_out, &their_err}) fd->reset();
}

}  // namespace podsd::cli
