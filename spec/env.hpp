// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace podsd::spec {

/// Expands $(NAME) in `text` as Kubernetes does for env values, command and args (API reference,
/// EnvVar.value and Container.command): an unknown name is left as it stands, "$$" is one "$", so
/// "$$(NAME)" stays literal.
[[nodiscard]] std::string expand_references(
    std::string_view text, const std::function<std::optional<std::string>(std::string_view)>& lookup);

}  // namespace podsd::spec
