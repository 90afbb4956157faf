// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "agent/sandbox/poll_set.hpp"
#include "agent/sandbox/protocol.hpp"
#include "agent/sandbox/spawn.hpp"

namespace podsd::sandbox {

/// The streams of those containers that have a standard input or a terminal, or open their outputs by name,
/// and the sessions at them: what they write goes to the journal and to every session, what sessions write
/// goes to them. Lines in the journal stay the container's: each is sent under the number of its first
/// process, by which journald knows their unit, and that process is not reaped before its last line was sent.
///
/// A container waits for the journal, as one without these does, and for the slowest of its sessions; that
/// one is left behind when it takes nothing for session_patience_ms. Fixed room; untouched pages of it cost
/// no memory. All zero is empty.
class Streams {
 public:
  /// Makes what a child gets in the place of `fds`, and keeps the other ends. Gives 0 or an errno. To be
  /// followed by started() or dropped().
  [[nodiscard]] int hold(const Hold& hold, ChildFds& fds);
  /// The child has been forked: `fds` as hold() left them.
  void started(const ChildFds& fds, int pid);
  void dropped(const ChildFds& fds);
  void claim(const Claim& claim);

  /// Adds a session at a child that lives. Gives 0 or an errno. `fds` are copied: in, out, err, control.
  [[nodiscard]] int attach(const Attach& attach, const int* fds, uint32_t& flags);

  /// What there is to wait for.
  void watch(PollSet& polls);
  /// Moves what can be moved.
  void pump(const PollSet& polls);

  /// Whether a child may be reaped that has not been reaped yet: not while a runtime has ended well and its
  /// container is not claimed. A runtime of ours that has ended comes first; 0: none.
  [[nodiscard]] bool may_reap() const;
  [[nodiscard]] int ended_runtime() const;
  /// Sends the last lines of a child that has ended and was not reaped yet.
  void drain(int pid);
  /// A child was reaped: tells its sessions, once they have all of its output.
  void ended(int pid, int wait_status);

 private:
  static constexpr size_t max_containers = 32, max_sessions = 32;
  /// A pipe holds 64 KiB: at the end there is room for all of it behind one chunk.
  static constexpr size_t chunk_bytes = 16 * 1024, buffer_bytes = chunk_bytes + 64 * 1024;
  static constexpr size_t input_bytes = 4096;

  struct Output {
    int from;     ///< a pipe, or a terminal's master; 0: none (0 to 3 are never among received or made fds)
    int journal;  ///< 0: nobody listens any more
    size_t size, journaled;  ///< of `data`
    size_t from_at, journal_at;
    char data[buffer_bytes];
  };
  enum class Stage : uint32_t { free, starting, started, running, ended };
  struct Container {
    Stage stage;
    uint32_t flags, owner;
    char name[max_name_bytes];
    int runtime, pid;  ///< of the runtime while starting, of the first process while running
    int wait_status;
    int listening;  ///< where the runtime connects to send the terminal
    int console;    ///< that connection
    int slave;      ///< keeps the terminal from being hung up as long as the container lives
    int input;      ///< a pipe, or the terminal's master; 0: closed
    size_t listening_at, console_at, input_at;
    bool closing;  ///< the input ends behind what was typed
    size_t typed_size, typed_done;
    Output outputs[2];
    char typed[input_bytes + 1];  ///< the last one for a terminal's end of input
  };
  struct Session {
    int pid;               ///< 0: free
    Container* container;  ///< null: its streams are not held
    int in, outs[2], control;
    size_t done[2];       ///< of the outputs' data
    int64_t stuck_since;  ///< CLOCK_MONOTONIC, milliseconds; 0: it is not
    size_t in_at, outs_at[2], control_at;
  };

  [[nodiscard]] bool is_ended_runtime(int pid) const;
  [[nodiscard]] int open_pipes(Container& container, ChildFds& fds);
  void release(Container& container);
  void receive_terminal(Container& container);
  void pump_session(Session& session, const PollSet& polls);
  void read_output(Container& container, Output& output, size_t limit);
  void pass_on(Container& container, Output& output);
  void write_journal(Container& container, Output& output);
  void write_session(Session& session, size_t which);
  void read_input(Session& session);
  void write_input(Container& container);
  void end_input(Session& session);
  void take_size(Session& session);
  void finish(Container& container);
  void close_session(Session& session, SessionEnd::Why why, int wait_status);

  Container containers_[max_containers];
  Session sessions_[max_sessions];
};

}  // namespace podsd::sandbox
