// SPDX-License-Identifier: Apache-2.0
// The grammars of names in the Kubernetes API (docs: "Object Names and IDs", "Labels and Selectors").
// Each gives what was expected, for a message, or "" where the text is right.
#pragma once

#include <string>
#include <string_view>

namespace podsd::spec {

/// RFC 1123 label: at most 63 of a-z 0-9 '-', beginning and ending with a letter or digit.
[[nodiscard]] std::string check_label(std::string_view text);
/// RFC 1123 subdomain: labels apart by '.', at most 253 bytes.
[[nodiscard]] std::string check_subdomain(std::string_view text);
/// A domain to search in: as a subdomain, each part may begin with '_' and have more of them, and the whole
/// may end with '.' or be "." (KEP-4427).
[[nodiscard]] std::string check_search_domain(std::string_view text);
/// Key of a label or annotation: [subdomain '/'] name of at most 63.
[[nodiscard]] std::string check_qualified_name(std::string_view text);
/// Value of a label: empty or at most 63 of letters, digits, '-', '_', '.', beginning and ending with a
/// letter or digit.
[[nodiscard]] std::string check_label_value(std::string_view text);
/// EnvVar.name (relaxed validation): printable ASCII without '='.
[[nodiscard]] std::string check_env_name(std::string_view text);
/// IANA service name of a port: at most 15 of a-z 0-9 '-', a letter among them.
[[nodiscard]] std::string check_port_name(std::string_view text);
/// metadata.uid: 1 to 64 of letters, digits, '-'.
[[nodiscard]] std::string check_uid(std::string_view text);
/// [HOST[:PORT]/]PATH[:TAG][@sha256:HEX], the grammar of OCI distribution and docker references.
[[nodiscard]] std::string check_image(std::string_view text);
/// Whether an image is named with the tag latest, or with neither tag nor digest.
[[nodiscard]] bool image_is_latest(std::string_view text);
/// An absolute path without ".." and control characters, at most 4,095 bytes (PATH_MAX).
[[nodiscard]] std::string check_path(std::string_view text);

}  // namespace podsd::spec
