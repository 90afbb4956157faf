// SPDX-License-Identifier: Apache-2.0
#include "agent/sandbox/client.hpp"

#include <sys/socket.h>

#include <cerrno>

#include "agent/sandbox/address.hpp"
#include "agent/sandbox/connection.hpp"

namespace podsd::sandbox {
namespace {

namespace asio = boost::asio;

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
  void claim(const std::string& container, int pid) override { connection_->claim(container, pid); }
  void attach(SessionRequest request, std::function<void(Result<std::uint32_t>)> done) override {
    connection_->attach(std::move(request), std::move(done));
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
