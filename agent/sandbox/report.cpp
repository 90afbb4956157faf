// SPDX-License-Identifier: Apache-2.0
#include "agent/sandbox/report.hpp"

#include <errno.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

namespace podsd::sandbox {
namespace {

iovec piece(const char* text) {
  return {const_cast<char*>(text), strlen(text)};
}

}  // namespace

void report(const char* what, const char* subject, int code) {
  iovec line[7];
  int n = 0;
  line[n++] = piece("podsd-sandbox: ");
  line[n++] = piece(what);
  if (subject != nullptr) {
    line[n++] = piece(": ");
    line[n++] = piece(subject);
  }
  if (code != 0) {
    line[n++] = piece(": ");
    line[n++] = piece(strerror(code));
  }
  line[n++] = piece("\n");
  if (writev(STDERR_FILENO, line, n) < 0) return;  // nowhere left to say so
}

void die(const char* what, const char* subject, int status) {
  report(what, subject, errno);
  _exit(status);
}

}  // namespace podsd::sandbox
