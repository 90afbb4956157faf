// SPDX-License-Identifier: Apache-2.0
#include "spec/tree.hpp"

namespace podsd::spec {

bool TreeBuilder::count(Position position) {
  if (++nodes_ <= max_nodes) return true;
  findings_.error(position, path(), "the file has more than " + std::to_string(max_nodes) + " values");
  return false;
}

void TreeBuilder::begin_document() {
  root_ = Node{};
  errors_before_ = findings_.errors();
}

void TreeBuilder::end_document() {
  documents_.push_back({std::move(root_), findings_.errors() != errors_before_});
}

bool TreeBuilder::scalar(Node node) {
  if (!count(node.position)) return false;
  if (node.text.find('\0') != std::string::npos) {
    findings_.error(node.position, path(), "the text contains a NUL character, which no field may hold");
    node.kind = Node::Kind::invalid;
  }
  place(std::move(node));
  return true;
}

bool TreeBuilder::begin_sequence(Position position) {
  Node node;
  node.kind = Node::Kind::sequence;
  node.position = position;
  return begin(std::move(node));
}

bool TreeBuilder::begin_mapping(Position position) {
  Node node;
  node.kind = Node::Kind::mapping;
  node.position = position;
  return begin(std::move(node));
}

bool TreeBuilder::begin(Node node) {
  if (!count(node.position)) return false;
  if (open_.size() >= max_depth) {
    findings_.error(node.position, path(), "nested deeper than " + std::to_string(max_depth) + " levels");
    return false;
  }
  open_.push_back(Frame{std::move(node), false, false, {}, {}, {}});
  return true;
}

std::string TreeBuilder::path() const {
  std::string out;
  for (const Frame& frame : open_) {
    if (frame.node.kind == Node::Kind::sequence) out = join(out, frame.node.items.size());
    if (frame.has_key) out = join(out, frame.key);
  }
  return out;
}

void TreeBuilder::end_collection() {
  Node node = std::move(open_.back().node);
  open_.pop_back();
  place(std::move(node));
}

void TreeBuilder::place(Node node) {
  if (open_.empty()) {
    root_ = std::move(node);
    return;
  }
  Frame& frame = open_.back();
  if (frame.node.kind == Node::Kind::sequence) {
    frame.node.items.push_back(std::move(node));
  } else if (!frame.has_key) {
    take_key(frame, std::move(node));
    frame.has_key = true;
  } else {
    frame.has_key = false;
    if (!frame.drop)
      frame.node.entries.push_back({std::move(frame.key), frame.key_position, std::move(node)});
  }
}

void TreeBuilder::take_key(Frame& frame, Node node) {
  frame.drop = true;
  frame.key.clear();
  if (node.kind == Node::Kind::invalid) return;
  if (!node.scalar()) {
    findings_.error(node.position, path(), "found a key that is no text, expected the name of a field");
    return;
  }
  const auto [first, inserted] = frame.keys.emplace(node.text, node.position);
  if (!inserted) {
    const Position at = first->second;
    findings_.error(
        node.position, join(path(), node.text),
        "duplicate key, first given at " + std::to_string(at.line) + ":" + std::to_string(at.column));
    return;
  }
  frame.drop = false;
  frame.key = std::move(node.text);
  frame.key_position = node.position;
}

}  // namespace podsd::spec
