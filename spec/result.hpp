// SPDX-License-Identifier: Apache-2.0
// The one way a function of podsd fails: Result<T>, and the Error inside it.
#pragma once

#include <cstring>
#include <expected>
#include <memory>
#include <string>
#include <utility>

namespace podsd {

/// Why something could not be done. Texts are lowercase and carry no full stop.
struct Error {
  std::string what;     ///< what was being done, or what was wrong with the input
  std::string subject;  ///< the path, unit, image or field concerned; may be empty
  int code = 0;         ///< errno of the failed call; 0 where no call failed
  std::shared_ptr<const Error> cause;

  /// One line: "what: subject: strerror(code): cause".
  [[nodiscard]] std::string message() const {
    std::string text = what;
    if (!subject.empty()) text += ": " + subject;
    if (code != 0) text += std::string(": ") + ::strerror(code);
    if (cause) text += ": " + cause->message();
    return text;
  }
};

template <typename T>
using Result = std::expected<T, Error>;

/// An Error for `return`ing from any function that gives a Result.
[[nodiscard]] inline std::unexpected<Error> fail(std::string what, std::string subject = {}, int code = 0) {
  return std::unexpected(Error{std::move(what), std::move(subject), code, nullptr});
}

/// The same, keeping the error that led to it.
[[nodiscard]] inline std::unexpected<Error> fail(std::string what, std::string subject, Error cause) {
  return std::unexpected(
      Error{std::move(what), std::move(subject), 0, std::make_shared<const Error>(std::move(cause))});
}

}  // namespace podsd
