// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace podsd::sandbox {

/// Writes "podsd-sandbox: what: subject: text of code" as one line to stderr. `subject` may be null, `code`
/// 0. Uses neither heap nor stdio, so a freshly forked child may call it.
void report(const char* what, const char* subject, int code);

/// Reports errno and ends the process with `status`.
[[noreturn]] void die(const char* what, const char* subject, int status);

}  // namespace podsd::sandbox
