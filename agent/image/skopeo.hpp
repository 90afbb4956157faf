// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include "spec/result.hpp"

namespace podsd::image {

/// Runs skopeo(1) with these arguments and gives its standard output, of at most `cap` bytes. Meanwhile
/// `tick` is called about once a second, if there is one. It gets an environment of its own: PATH, `env`, and
/// of the caller's the variables that choose proxies and certificates. Killed with SIGKILL when the deadline
/// has passed or it writes more than it may. Errors: what skopeo says itself, in one line; that it is not
/// installed; ETIMEDOUT.
[[nodiscard]] Result<std::string> run_skopeo(const std::vector<std::string>& arguments,
                                             const std::vector<std::string>& env,
                                             std::chrono::seconds deadline, std::size_t cap,
                                             const std::function<void()>& tick = {});

/// Of skopeo's standard error (logrus' text form, or plain lines) the sentence that says what went wrong:
/// printable, at most a kilobyte.
[[nodiscard]] std::string skopeo_error(const std::string& text);

}  // namespace podsd::image
