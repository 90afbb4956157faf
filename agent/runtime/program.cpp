// SPDX-License-Identifier: Apache-2.0
#include "agent/runtime/program.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <csignal>
#include <string_view>

#include "agent/os/unique_fd.hpp"

namespace podsd::runtime {
namespace {

constexpr std::size_t max_passwd_bytes = 1U << 20;

// 0, or why the file cannot be run.
int executable(const std::string& path) {
  struct stat status = {};
  if (stat(path.c_str(), &status) < 0) return errno;
  if (S_ISDIR(status.st_mode)) return EISDIR;
  return faccessat(AT_FDCWD, path.c_str(), X_OK, AT_EACCESS) == 0 ? 0 : errno;
}

std::unexpected<Error> cannot_execute(const std::string& word, const std::string& why) {
  return fail("exec: \"" + word + "\": " + why);
}

std::string read_passwd() {
  // Not blocking: an image may have a fifo there.
  UniqueFd fd(open("/etc/passwd", O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  struct stat status = {};
  if (!fd || fstat(fd.get(), &status) < 0 || !S_ISREG(status.st_mode)) return {};
  std::string text(std::min<std::size_t>(static_cast<std::size_t>(status.st_size), max_passwd_bytes), '\0');
  ssize_t n = read(fd.get(), text.data(), text.size());
  text.resize(n > 0 ? static_cast<std::size_t>(n) : 0);
  return text;
}

// The field of that index in "name:x:uid:gid:gecos:home:shell".
std::string_view field(std::string_view line, int index) {
  for (; index > 0; --index) {
    auto colon = line.find(':');
    if (colon == std::string_view::npos) return {};
    line.remove_prefix(colon + 1);
  }
  return line.substr(0, line.find(':'));
}

}  // namespace

const char* find_variable(const std::vector<std::string>& env, const std::string& name) {
  const char* value = nullptr;
  for (const auto& entry : env)
    if (entry.size() > name.size() && entry.starts_with(name) && entry[name.size()] == '=')
      value = entry.c_str() + name.size() + 1;
  return value;
}

Result<std::string> find_program(const std::string& word, const char* path_list) {
  if (word.find('/') != std::string::npos) {
    int error = executable(word);
    if (error == 0) return word;
    if (error == EISDIR || error == EACCES) return cannot_execute(word, error_text(error));
    return cannot_execute(word, "stat " + word + ": " + error_text(error));
  }
  std::string_view rest = path_list != nullptr ? path_list : "";
  bool denied = false;
  while (!word.empty() && !rest.empty()) {
    auto end = rest.find(':');
    std::string_view dir = rest.substr(0, end);
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
    std::string path = (dir.empty() ? "." : std::string(dir)) + "/" + word;
    int error = executable(path);
    if (error == 0) return path;
    denied = denied || error == EACCES;
  }
  return cannot_execute(word, denied ? error_text(EACCES) : "executable file not found in $PATH");
}

std::string home_of(std::uint32_t uid) {
  std::string text = read_passwd();
  std::string_view rest = text;
  while (!rest.empty()) {
    auto end = rest.find('\n');
    std::string_view line = rest.substr(0, end);
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
    std::string_view number = field(line, 2);
    std::uint32_t found = 0;
    auto [stop, error] = std::from_chars(number.data(), number.data() + number.size(), found);
    if (error != std::errc() || stop != number.data() + number.size() || found != uid) continue;
    std::string_view home = field(line, 5);
    return home.starts_with('/') && home.find('\0') == std::string_view::npos ? std::string(home) : "/";
  }
  return "/";
}

std::vector<char*> argument_pointers(std::vector<std::string>& texts) {
  std::vector<char*> list;
  for (auto& text : texts) list.push_back(text.data());
  list.push_back(nullptr);
  return list;
}

void reset_signals() {
  struct sigaction initial = {};
  initial.sa_handler = SIG_DFL;
  for (int signal = 1; signal < NSIG; ++signal) sigaction(signal, &initial, nullptr);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
}

std::string error_text(int code) {
  std::string text = ::strerror(code);
  if (text.size() > 1 && text[0] >= 'A' && text[0] <= 'Z' && text[1] >= 'a')
    text[0] = static_cast<char>(text[0] - 'A' + 'a');
  return text;
}

}  // namespace podsd::runtime
