// SPDX-License-Identifier: Apache-2.0
#include "agent/sandbox/connection.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <boost/asio/post.hpp>
#include <cerrno>
#include <cstring>
#include <optional>

#include "agent/os/pidfd.hpp"

namespace podsd::sandbox {
namespace {

template <typename T>
std::optional<T> payload(const Packet& packet) {
  if (packet.payload.size() != sizeof(T)) return std::nullopt;
  T value;
  std::memcpy(&value, packet.payload.data(), sizeof value);
  return value;
}

}  // namespace

template <typename T>
bool Connection::speaks(std::uint32_t version, const std::function<void(Result<T>)>& done) {
  if (!stream_.is_open())
    fail_later(done, {"the sandbox is gone", {}, ENOTCONN, nullptr});
  else if (version_ < version)
    fail_later(done, {"the pod's sandbox is of an earlier podsd: restart the pod", {}, 0, nullptr});
  return stream_.is_open() && version_ >= version;
}

void Connection::spawn(SpawnRequest request, std::function<void(Result<Started>)> done) {
  if (stream_.is_open() && version_ == 0) {
    waiting_.emplace_back(
        [this, request = std::move(request), done = std::move(done)](const Error* error) mutable {
          if (error != nullptr) return done(std::unexpected(*error));
          spawn(std::move(request), std::move(done));
        });
    return;
  }
  // Pipes for the sake of names are gone without: the child has the journal's streams, as it had before.
  if (request.held && !request.held->input && !request.held->terminal && version_ < 4) request.held.reset();
  if (!speaks(request.held ? 4 : 1, done)) return;
  auto bytes = encode_spawn(++last_token_, request, version_ >= 3);
  if (!bytes) return fail_later(std::move(done), bytes.error());
  int gate[2];
  if (pipe2(gate, O_CLOEXEC) < 0)
    return fail_later(std::move(done), {"cannot make a gate", {}, errno, nullptr});
  Outgoing outgoing;
  outgoing.bytes = std::move(*bytes);
  outgoing.fds.emplace_back(gate[0]);
  outgoing.fds.push_back(std::move(request.stdin_fd));
  outgoing.fds.push_back(std::move(request.stdout_fd));
  outgoing.fds.push_back(std::move(request.stderr_fd));
  pending_[last_token_] = {UniqueFd(gate[1]), std::move(done)};
  enqueue(std::move(outgoing));
}

void Connection::watch(int pid, UniqueFd status, std::function<void(Result<UniqueFd>)> done) {
  if (stream_.is_open() && version_ == 0) {
    waiting_.emplace_back(
        [this, pid, status = std::move(status), done = std::move(done)](const Error* error) mutable {
          if (error != nullptr) return done(std::unexpected(*error));
          watch(pid, std::move(status), std::move(done));
        });
    return;
  }
  if (!speaks(2, done)) return;
  Outgoing outgoing;
  outgoing.bytes = encode_watch(++last_token_, pid);
  outgoing.fds.push_back(std::move(status));
  watching_[last_token_] = std::move(done);
  enqueue(std::move(outgoing));
}

void Connection::claim(const std::string& container, int pid) {
  if (version_ >= 4) return enqueue({encode_claim(container, pid), {}});
  if (stream_.is_open() && version_ == 0)
    waiting_.emplace_back([this, container, pid](const Error* error) {
      if (error == nullptr) claim(container, pid);
    });
}

void Connection::attach(SessionRequest request, std::function<void(Result<std::uint32_t>)> done) {
  if (stream_.is_open() && version_ == 0) {
    waiting_.emplace_back(
        [this, request = std::move(request), done = std::move(done)](const Error* error) mutable {
          if (error != nullptr) return done(std::unexpected(*error));
          attach(std::move(request), std::move(done));
        });
    return;
  }
  if (!speaks(4, done)) return;
  Outgoing outgoing;
  outgoing.bytes = encode_attach(++last_token_, request.pid, request.input);
  for (UniqueFd* fd : {&request.in, &request.out, &request.err, &request.control})
    outgoing.fds.push_back(std::move(*fd));
  attaching_[last_token_] = std::move(done);
  enqueue(std::move(outgoing));
}

template <typename T>
void Connection::fail_later(std::function<void(Result<T>)> done, Error error) {
  boost::asio::post(stream_.get_executor(),
                    [done = std::move(done), error = std::move(error)] { done(std::unexpected(error)); });
}

void Connection::enqueue(Outgoing outgoing) {
  if (!stream_.is_open()) return;
  queue_.push_back(std::move(outgoing));
  if (!flushing_) flush();
}

void Connection::flush() {
  flushing_ = false;
  while (!queue_.empty()) {
    std::vector<int> fds;
    for (const auto& fd : queue_.front().fds) fds.push_back(fd.get());
    auto written = write_packet(stream_.native_handle(), queue_.front().bytes, fds);
    if (written && *written == Io::would_block) {
      flushing_ = true;
      return stream_.async_wait(boost::asio::posix::stream_descriptor::wait_write,
                                guarded([](Connection& self) { self.flush(); }));
    }
    queue_.pop_front();
    // A broken connection shows up at its reading end, from the loop; here it must not call back.
    if (written && *written == Io::closed) return queue_.clear();
    if (!written)
      return boost::asio::post(stream_.get_executor(),
                               guarded([error = written.error()](Connection& self) { self.close(error); }));
  }
}

void Connection::readable() {
  auto keep = shared_from_this();  // a callback may drop the client
  while (owner_ != nullptr && stream_.is_open()) {
    Packet packet;
    auto read = read_packet(stream_.native_handle(), packet);
    if (!read) return close(read.error());
    if (*read == Io::closed) return close({"the sandbox is gone", {}, 0, nullptr});
    if (*read == Io::would_block) return wait_readable();
    if (auto handled = handle(std::move(packet)); !handled) return close(handled.error());
  }
}

Result<void> Connection::handle(Packet packet) {
  switch (packet.header.type) {
    case Type::hello: {
      auto hello = payload<Hello>(packet);
      if (!hello) return fail("the sandbox sent a malformed greeting");
      if (hello->version > protocol_version) return fail("the sandbox speaks a newer protocol");
      version_ = hello->version;
      for (auto& request : std::exchange(waiting_, {})) request(nullptr);
      if (owner_ == nullptr) return {};
      // A copy: it may drop the client that holds it.
      if (const auto callback = owner_->on_ready) callback();
      return {};
    }
    case Type::spawned:
      return spawned(packet);
    case Type::watched:
      return watched(packet);
    case Type::attached:
      return attached(packet);
    case Type::exited: {
      auto exit = payload<Exited>(packet);
      if (!exit) return fail("the sandbox sent a malformed exit");
      auto callback = owner_->on_exit;  // a copy: it may drop the client that holds it
      if (callback) callback({exit->serial, exit->pid, exit->wait_status, exit->realtime_ns});
      return {};
    }
    default:
      return fail("the sandbox sent a packet of an unknown type");
  }
}

Result<void> Connection::spawned(Packet& packet) {
  auto reply = payload<Spawned>(packet);
  if (!reply) return fail("the sandbox sent a malformed answer");
  auto node = pending_.extract(reply->token);
  if (!node) return fail("the sandbox answered what was not asked");
  Pending pending = std::move(node.mapped());
  if (reply->error != 0) {
    pending.done(fail("the sandbox cannot start a process", {}, reply->error));
    return {};
  }
  if (packet.fds.size() != 1) return fail("the sandbox sent no pidfd");
  UniqueFd pidfd = std::move(packet.fds.front());
  // -1 once it is reaped: then the sandbox's own number is the one its Exit will carry.
  int pid = pidfd_pid(pidfd).value_or(-1);
  if (pid <= 0) pid = reply->pid;
  pending.done(Started{std::move(pidfd), pid, std::move(pending.gate)});
  return {};
}

Result<void> Connection::watched(Packet& packet) {
  auto reply = payload<Watched>(packet);
  if (!reply) return fail("the sandbox sent a malformed answer");
  auto node = watching_.extract(reply->token);
  if (!node) return fail("the sandbox answered what was not asked");
  const auto done = std::move(node.mapped());
  if (reply->error != 0)
    done(fail("the sandbox cannot watch the process", {}, reply->error));
  else
    done(packet.fds.empty() ? UniqueFd() : std::move(packet.fds.front()));
  return {};
}

Result<void> Connection::attached(const Packet& packet) {
  auto reply = payload<Attached>(packet);
  if (!reply) return fail("the sandbox sent a malformed answer");
  auto node = attaching_.extract(reply->token);
  if (!node) return fail("the sandbox answered what was not asked");
  const auto done = std::move(node.mapped());
  if (reply->error != 0)
    done(fail("the sandbox cannot add a session", {}, reply->error));
  else
    done(reply->flags);
  return {};
}

// Called from the loop only.
void Connection::close(const Error& error) {
  if (!stream_.is_open()) return;
  auto keep = shared_from_this();
  boost::system::error_code ignored;
  stream_.close(ignored);
  queue_.clear();
  for (auto& request : std::exchange(waiting_, {}))
    if (owner_ != nullptr) request(&error);
  for (auto& [token, pending] : std::exchange(pending_, {}))
    if (owner_ != nullptr) pending.done(std::unexpected(error));
  for (auto& [token, done] : std::exchange(watching_, {}))
    if (owner_ != nullptr) done(std::unexpected(error));
  for (auto& [token, done] : std::exchange(attaching_, {}))
    if (owner_ != nullptr) done(std::unexpected(error));
  if (owner_ == nullptr || !owner_->on_closed) return;
  auto callback = owner_->on_closed;
  callback(error);
}

void Connection::detach() {
  owner_ = nullptr;
  boost::system::error_code ignored;
  stream_.close(ignored);
  waiting_.clear();
  pending_.clear();
  watching_.clear();
  attaching_.clear();
}

}  // namespace podsd::sandbox
