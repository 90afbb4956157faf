// SPDX-License-Identifier: Apache-2.0
#include "agent/cli/pull_line.hpp"

#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <optional>
#include <string_view>

#include "agent/cli/size_text.hpp"

namespace podsd::cli {
namespace {

constexpr std::string_view line_start = "\r", erase_to_end = "\x1B[K";

std::size_t columns_of_terminal() {
  winsize size{};
  return ::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

/// Takes a number of bytes from the front.
std::optional<std::string> take_size(std::string_view& text) {
  std::uint64_t bytes = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), bytes);
  if (error != std::errc()) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return size_text(bytes);
}

/// "1048576 of 73400320 bytes" or "1048576 bytes" for people; anything else as it is.
std::string for_people(const std::string& told) {
  constexpr std::string_view of = " of ";
  std::string_view rest = told;
  auto text = take_size(rest);
  if (!text) return told;
  if (rest.starts_with(of)) {
    rest.remove_prefix(of.size());
    const auto all = take_size(rest);
    if (!all) return told;
    *text += std::string(of) + *all;
  }
  return rest == " bytes" ? *text : told;
}

}  // namespace

std::string pull_text(const std::string& name, const std::string& told, std::size_t columns) {
  const std::string text = "pulling " + name + (told.empty() ? "" : ": " + for_people(told));
  return text.substr(0, columns);
}

Result<std::unique_ptr<PullLine>> PullLine::draw(std::ostream& err, std::string name) {
  std::array<int, 2> fds{};
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds.data()) != 0)
    return fail("cannot make sockets", {}, errno);
  std::unique_ptr<PullLine> line(new PullLine(err, std::move(name)));
  line->ours_.reset(fds[0]);
  line->theirs_.reset(fds[1]);
  line->show("");
  line->thread_ = std::thread([&line = *line] { line.listen(); });
  return line;
}

PullLine::~PullLine() {
  // The agent's copy of the other end may still be open.
  ::shutdown(ours_.get(), SHUT_RDWR);
  if (thread_.joinable()) thread_.join();
  err_ << line_start << erase_to_end << std::flush;
}

void PullLine::show(const std::string& told) {
  // In the last column a terminal may go to the next line.
  err_ << line_start << pull_text(name_, told, columns_of_terminal() - 1) << erase_to_end << std::flush;
}

void PullLine::listen() {
  std::array<char, 256> told{};
  while (true) {
    const ssize_t n = ::recv(ours_.get(), told.data(), told.size(), 0);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return;
    show(std::string(told.data(), static_cast<std::size_t>(n)));
  }
}

}  // namespace podsd::cli
