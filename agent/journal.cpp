// SPDX-License-Identifier: Apache-2.0
#include "agent/journal.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <systemd/sd-journal.h>

#include <cerrno>

namespace podsd::journal {
namespace {

constexpr const char* stdout_socket = "/run/systemd/journal/stdout";

iovec to_iovec(const std::string& text) {
  return {const_cast<char*>(text.data()), text.size()};
}

}  // namespace

Result<UniqueFd> open_stream(const std::string& identifier, const std::string& unit, int priority) {
  UniqueFd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!fd) return fail("cannot open a socket", "journal stream", errno);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::string(stdout_socket).copy(address.sun_path, sizeof(address.sun_path) - 1);
  if (::connect(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof(address)) != 0)
    return fail("cannot connect to journald", stdout_socket, errno);
  // identifier, unit, priority, level prefix, and three times: do not forward.
  const std::string header = identifier + "\n" + unit + "\n" + std::to_string(priority) + "\n1\n0\n0\n0\n";
  if (::send(fd.get(), header.data(), header.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(header.size()))
    return fail("cannot write the stream header", stdout_socket, errno);
  // Containers expect stdout to block: a burst waits for journald instead of losing lines.
  ::fcntl(fd.get(), F_SETFL, 0);
  return fd;
}

void write(int priority, const std::string& message,
           const std::vector<std::pair<std::string, std::string>>& fields) {
  std::vector<std::string> lines{"MESSAGE=" + message, "PRIORITY=" + std::to_string(priority),
                                 "SYSLOG_IDENTIFIER=podsd"};
  for (const auto& [name, value] : fields) lines.push_back(name + "=" + value);
  std::vector<iovec> vectors;
  vectors.reserve(lines.size());
  for (const std::string& line : lines) vectors.push_back(to_iovec(line));
  sd_journal_sendv(vectors.data(), static_cast<int>(vectors.size()));
}

}  // namespace podsd::journal
