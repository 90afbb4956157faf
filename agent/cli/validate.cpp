// SPDX-License-Identifier: Apache-2.0
#include "agent/cli/validate.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "agent/os/unique_fd.hpp"

namespace podsd::cli {
namespace {

Result<std::string> read_all(int fd, const std::string& name) {
  std::string text;
  std::array<char, 65536> buffer;
  while (true) {
    const ssize_t got = ::read(fd, buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return fail("cannot read", name, errno);
    if (got == 0) return text;
    text.append(buffer.data(), static_cast<std::size_t>(got));
    if (text.size() > spec::max_manifest_bytes) {
      return fail(name + ": longer than " + std::to_string(spec::max_manifest_bytes) +
                  " bytes (1 MiB), the most that a manifest may have");
    }
  }
}

std::string painted(std::string line, spec::Severity severity) {
  const std::string word = severity == spec::Severity::error ? "error:" : "warning:";
  const std::size_t at = line.find(" " + word);
  if (at == std::string::npos) return line;
  const char* colour = severity == spec::Severity::error ? "\x1b[1;31m" : "\x1b[1;35m";
  return line.replace(at + 1, word.size(), colour + word + "\x1b[0m");
}

std::string pods_text(const spec::Manifest& manifest) {
  std::string out;
  for (const spec::Pod& pod : manifest.pods) {
    out += out.empty() ? "pods: " : ", ";
    out += pod.ns == "default" ? pod.name : pod.ns + "/" + pod.name;
  }
  return out.empty() ? "no pods" : out;
}

}  // namespace

Result<std::string> read_manifest(const std::string& file) {
  if (file == "-") return read_all(STDIN_FILENO, "stdin");
  const UniqueFd fd(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd) return fail("cannot read", file, errno);
  return read_all(fd.get(), file);
}

bool print_diagnostics(const spec::Manifest& manifest, const Terminal& terminal) {
  terminal.out.flush();
  for (const spec::Diagnostic& diagnostic : manifest.diagnostics) {
    const std::string line = diagnostic.text();
    terminal.err << (terminal.err_colour ? painted(line, diagnostic.severity) : line) << "\n";
  }
  return manifest.ok();
}

int validate(const std::vector<std::string>& files, const Terminal& terminal) {
  int exit = Exit::done;
  for (const std::string& file : files) {
    const auto text = read_manifest(file);
    if (!text) {
      exit = complain(terminal, text.error().message());
      continue;
    }
    const std::string name = file == "-" ? "stdin" : file;
    const spec::Manifest manifest = spec::parse_manifest(*text, name);
    if (print_diagnostics(manifest, terminal)) {
      terminal.out << name << ": ok, " << pods_text(manifest) << "\n";
    } else {
      exit = Exit::failed;
    }
  }
  return exit;
}

}  // namespace podsd::cli
