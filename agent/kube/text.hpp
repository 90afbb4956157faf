// SPDX-License-Identifier: Apache-2.0
// How core/v1 writes scalars: times, quantities, and text that JSON can hold. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace podsd::kube {

/// metav1.Time: RFC 3339 in UTC with whole seconds (rounded down), "2024-05-01T12:00:00Z".
/// `microseconds` since the epoch; years 0 to 9999.
[[nodiscard]] std::string time_text(std::int64_t microseconds);

/// metav1.MicroTime: the same with six digits of fraction, "2024-05-01T12:00:00.000042Z".
[[nodiscard]] std::string micro_time_text(std::int64_t microseconds);

/// Reads what time_text and micro_time_text write, as microseconds since the epoch; nothing for any other
/// text.
[[nodiscard]] std::optional<std::int64_t> parse_time(std::string_view text);

/// resource.Quantity of CPUs in canonical form: 250 → "250m", 2000 → "2".
[[nodiscard]] std::string cpu_text(std::int64_t milli_cpus);

/// resource.Quantity of bytes in the shortest exact form: 67108864 → "64Mi", 1000000000 → "1G", 1001 →
/// "1001".
[[nodiscard]] std::string bytes_text(std::int64_t bytes);

/// `bytes` as valid UTF-8: each byte that belongs to no well-formed sequence (Unicode, table 3-7) becomes
/// U+FFFD.
[[nodiscard]] std::string utf8_text(std::string_view bytes);

}  // namespace podsd::kube
