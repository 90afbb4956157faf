// SPDX-License-Identifier: Apache-2.0
#include "agent/sandbox/client.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <cerrno>
#include <cstring>
#include <deque>
#include <map>
#include <optional>

#include "agent/os/pidfd.hpp"
#include "agent/sandbox/address.hpp"
#include "agent/sandbox/wire.hpp"

namespace podsd::sandbox {
namespace {

namespace asio = boost::asio;
using Stream = asio::posix::stream_descriptor;

struct Outgoing {
  std::string bytes;
  std::vector<UniqueFd> fds;
};

struct Pending {
  UniqueFd gate;
  std::function<void(Result<Started>)> done;
};

template <typename T>
std::optional<T> payload(const Packet& packet) {
  if (packet.payload.size() != sizeof(T)) return std::nullopt;
  T value;
  std::memcpy(&value, packet.payload.data(), sizeof value);
  return value;
}

// Lives behind the Client that its owner holds: handlers on the loop hold it weakly, and an owner may drop
// the client at any time, inside a callback too.
class Connection : public std::enable_shared_from_this<Connection> {
 public:
  Connection(asio::io_context& io, UniqueFd socket, Client& owner)
      : stream_(io, socket.release()), owner_(&owner) {}

  void start() { wait_readable(); }
  void spawn(SpawnRequest request, std::function<void(Result<Started>)> done);
  void watch(int pid, UniqueFd status, std::function<void(Result<UniqueFd>)> done);
  void acknowledge(std::uint64_t serial) { enqueue({encode_ack(serial), {}}); }
  void detach();  ///< the owner is going: nobody is called any more

 private:
  template <typename Action>
  auto guarded(Action action) {
    return [weak = weak_from_this(), action](auto... status) {
      if (auto self = weak.lock(); self && (!status && ...)) action(*self);
    };
  }
  void wait_readable() {
    stream_.async_wait(Stream::wait_read, guarded([](Connection& self) { self.readable(); }));
  }
  void readable();
  [[nodiscard]] Result<void> handle(Packet packet);
  [[nodiscard]] Result<void> spawned(Packet& packet);
  [[nodiscard]] Result<void> watched(Packet& packet);
  template <typename T>
  void fail_later(std::function<void(Result<T>)> done, Error error);
  void enqueue(Outgoing outgoing);
  void flush();
  void close(const Error& error);

  Stream stream_;
  Client* owner_;
  std::deque<Outgoing> queue_;
  bool flushing_ = false;
  std::map<std::uint64_t, Pending> pending_;
  std::map<std::uint64_t, std::function<void(Result<UniqueFd>)>> watching_;
  std::uint32_t version_ = 0;  ///< the sandbox's; 0 until it has greeted
  /// For the greeting; called with an error if it does not come.
  std::vector<std::move_only_function<void(const Error*)>> waiting_;
  std::uint64_t last_token_ = 0;
};

void Connection::spawn(SpawnRequest request, std::function<void(Result<Started>)> done) {
  if (!stream_.is_open()) return fail_later(std::move(done), {"the sandbox is gone", {}, ENOTCONN, nullptr});
  if (version_ == 0) {
    waiting_.emplace_back(
        [this, request = std::move(request), done = std::move(done)](const Error* error) mutable {
          if (error != nullptr) return done(std::unexpected(*error));
          spawn(std::move(request), std::move(done));
        });
    return;
  }
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
  if (!stream_.is_open()) return fail_later(std::move(done), {"the sandbox is gone", {}, ENOTCONN, nullptr});
  if (version_ == 0) {
    waiting_.emplace_back(
        [this, pid, status = std::move(status), done = std::move(done)](const Error* error) mutable {
          if (error != nullptr) return done(std::unexpected(*error));
          watch(pid, std::move(status), std::move(done));
        });
    return;
  }
  if (version_ < 2)
    return fail_later(std::move(done),
                      {"the pod's sandbox is of an earlier podsd: restart the pod", {}, 0, nullptr});
  Outgoing outgoing;
  outgoing.bytes = encode_watch(++last_token_, pid);
  outgoing.fds.push_back(std::move(status));
  watching_[last_token_] = std::move(done);
  enqueue(std::move(outgoing));
}

template <typename T>
void Connection::fail_later(std::function<void(Result<T>)> done, Error error) {
  asio::post(stream_.get_executor(),
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
      return stream_.async_wait(Stream::wait_write, guarded([](Connection& self) { self.flush(); }));
    }
    queue_.pop_front();
    // A broken connection shows up at its reading end, from the loop; here it must not call back.
    if (written && *written == Io::closed) return queue_.clear();
    if (!written)
      return asio::post(stream_.get_executor(),
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
      return {};
    }
    case Type::spawned:
      return spawned(packet);
    case Type::watched:
      return watched(packet);
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
}

class ConnectedClient : public Client {
 public:
  ConnectedClient(asio::io_context& io, UniqueFd socket)
      : connection_(std::make_shared<Connection>(io, std::move(socket), *this)) {
    connection_->start();
  }
  ~ConnectedClient() override { connection_->detach(); }
  void spawn(SpawnRequest request, std::function<void(Result<Started>)> done) override {
    connection_->spawn(std::move(request), std::move(done));
  }
  void watch(int pid, UniqueFd status, std::function<void(Result<UniqueFd>)> done) override {
    connection_->watch(pid, std::move(status), std::move(done));
  }
  void acknowledge(std::uint64_t serial) override { connection_->acknowledge(serial); }

 private:
  std::shared_ptr<Connection> connection_;
};

Result<void> check_peer(const UniqueFd& socket) {
  ucred peer = {};
  socklen_t size = sizeof peer;
  if (getsockopt(socket.get(), SOL_SOCKET, SO_PEERCRED, &peer, &size) < 0)
    return fail("cannot tell who listens on the sandbox's socket", {}, errno);
  if (peer.uid != 0) return fail("the sandbox's socket does not belong to root");
  return {};
}

}  // namespace

Result<std::unique_ptr<Client>> connect_sandbox(asio::io_context& io, const std::filesystem::path& dir) {
  auto address = socket_address(dir);
  if (!address) return std::unexpected(address.error());
  UniqueFd fd(socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!fd) return fail("cannot open a socket", {}, errno);
  if (connect(fd.get(), reinterpret_cast<sockaddr*>(&address->name), sizeof address->name) < 0)
    return fail("cannot connect to the sandbox", dir, errno);
  if (auto checked = check_peer(fd); !checked) return std::unexpected(checked.error());
  return std::make_unique<ConnectedClient>(io, std::move(fd));
}

}  // namespace podsd::sandbox
