// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "spec/findings.hpp"
#include "spec/node.hpp"

namespace podsd::spec {

inline constexpr std::size_t max_depth = 64;     ///< nested collections of one document
inline constexpr std::size_t max_nodes = 20000;  ///< nodes of one file, keys included

struct Document {
  Node root;            ///< null for an empty document
  bool broken = false;  ///< something of it is reported and left out
};

/// Builds one Node tree per document out of a parser's events, within bounds: events of nested
/// collections come in document order. What is wrong with the shape (duplicate keys, keys that are no
/// scalars, too deep, too many) is reported here, once for YAML and JSON.
class TreeBuilder {
 public:
  explicit TreeBuilder(Findings& findings) : findings_(findings) {}

  // Each returns false where a bound is passed: the parser must stop, the reason is reported.
  [[nodiscard]] bool scalar(Node node);
  [[nodiscard]] bool begin_sequence(Position position);
  [[nodiscard]] bool begin_mapping(Position position);
  void end_collection();

  void begin_document();
  void end_document();

  /// Whether the next value is the key of an entry, or the value of one.
  [[nodiscard]] bool expects_key() const { return in_mapping() && !open_.back().has_key; }
  [[nodiscard]] bool expects_value() const { return in_mapping() && open_.back().has_key; }
  /// Field path of what comes next.
  [[nodiscard]] std::string path() const;

  [[nodiscard]] std::vector<Document> take() && { return std::move(documents_); }

 private:
  struct Frame {
    Node node;
    bool has_key = false;  ///< a mapping that waits for the value of `key`
    bool drop = false;     ///< of a bad key
    std::string key;
    Position key_position;
    std::unordered_map<std::string, Position> keys;
  };
  [[nodiscard]] bool in_mapping() const {
    return !open_.empty() && open_.back().node.kind == Node::Kind::mapping;
  }
  bool count(Position position);
  bool begin(Node node);
  void place(Node node);
  void take_key(Frame& frame, Node node);

  Findings& findings_;
  std::vector<Frame> open_;
  Node root_;
  std::size_t errors_before_ = 0;
  std::vector<Document> documents_;
  std::size_t nodes_ = 0;
};

/// What a parser made of a file. A document cut short by an error is left out.
struct Documents {
  std::vector<Document> list;
  bool bad_syntax = false;  ///< the last finding says why
};

/// YAML 1.2. `text` has passed find_bad_bytes, as for read_json.
[[nodiscard]] Documents read_yaml(std::string_view text, Findings& findings);

/// JSON (RFC 8259): one or more values, which may stand apart by lines of "---".
[[nodiscard]] Documents read_json(std::string_view text, Findings& findings);

}  // namespace podsd::spec
