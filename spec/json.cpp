// SPDX-License-Identifier: Apache-2.0
// JSON is read by hand: yaml-cpp refuses "\/" and surrogate pairs, and the packaged JSON libraries give
// no position of a value.
#include <algorithm>

#include "spec/text.hpp"
#include "spec/tree.hpp"

namespace podsd::spec {
namespace {

bool digit(char c) {
  return c >= '0' && c <= '9';
}

class JsonReader {
 public:
  JsonReader(std::string_view text, Findings& findings) : text_(text), findings_(findings), tree_(findings) {}

  Documents run() {
    Documents out;
    skip_separators();
    while (!out.bad_syntax && at_ < text_.size()) {
      tree_.begin_document();
      out.bad_syntax = !value();
      if (!out.bad_syntax) tree_.end_document();
      skip_separators();
    }
    out.list = std::move(tree_).take();
    return out;
  }

 private:
  [[nodiscard]] char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  [[nodiscard]] Position here() const { return position_; }

  // Keeps the position along, so that a long file is not counted again for each value.
  void advance(std::size_t bytes) {
    for (; bytes > 0 && at_ < text_.size(); --bytes, ++at_) {
      if (text_[at_] == '\n') {
        position_ = {position_.line + 1, 1};
      } else if ((text_[at_] & 0xC0) != 0x80) {
        ++position_.column;
      }
    }
  }
  void skip_space() {
    while (peek() != '\0' && std::string_view(" \t\r\n").find(peek()) != std::string_view::npos) advance(1);
  }
  void skip_separators() {
    for (skip_space(); position_.column == 1 && text_.substr(at_).starts_with("---"); skip_space())
      advance(3);
  }
  bool syntax(const std::string& expected) {
    std::string found = "the end of the file";
    if (at_ < text_.size())
      found = excerpt(text_.substr(at_, std::max<std::size_t>(1, utf8_length(text_, at_))));
    findings_.error(here(), "", "not valid JSON: found " + found + ", expected " + expected);
    return false;
  }

  bool value();
  bool sequence();
  bool mapping();
  bool word();
  bool string();
  bool escape(std::string& out);
  bool hex4(char32_t& out);

  std::string_view text_;
  Findings& findings_;
  TreeBuilder tree_;
  std::size_t at_ = 0;
  Position position_{1, 1};
};

// Recursion is bounded by the tree's depth.
bool JsonReader::value() {
  skip_space();
  if (peek() == '{') return mapping();
  if (peek() == '[') return sequence();
  if (peek() == '"') return string();
  return word();
}

bool JsonReader::sequence() {
  if (!tree_.begin_sequence(here())) return false;
  advance(1);
  skip_space();
  for (bool first = true; peek() != ']'; first = false) {
    if (!first) {
      if (peek() != ',') return syntax("\",\" or \"]\"");
      advance(1);
    }
    if (!value()) return false;
    skip_space();
  }
  advance(1);
  tree_.end_collection();
  return true;
}

bool JsonReader::mapping() {
  if (!tree_.begin_mapping(here())) return false;
  advance(1);
  skip_space();
  for (bool first = true; peek() != '}'; first = false) {
    if (!first) {
      if (peek() != ',') return syntax("\",\" or \"}\"");
      advance(1);
      skip_space();
    }
    if (peek() != '"') return syntax("a key in double quotes");
    if (!string()) return false;
    skip_space();
    if (peek() != ':') return syntax("\":\"");
    advance(1);
    if (!value()) return false;
    skip_space();
  }
  advance(1);
  tree_.end_collection();
  return true;
}

// RFC 8259 section 6: [ minus ] int [ frac ] [ exp ]
bool is_number(std::string_view text) {
  std::size_t i = text.starts_with('-') ? 1 : 0;
  const auto digits = [&] {
    const std::size_t start = i;
    while (i < text.size() && digit(text[i])) ++i;
    return i - start;
  };
  const std::size_t first = i;
  const std::size_t whole = digits();
  if (whole == 0 || (whole > 1 && text[first] == '0')) return false;
  if (i < text.size() && text[i] == '.') {
    ++i;
    if (digits() == 0) return false;
  }
  if (i < text.size() && (text[i] == 'e' || text[i] == 'E')) {
    ++i;
    if (i < text.size() && (text[i] == '+' || text[i] == '-')) ++i;
    if (digits() == 0) return false;
  }
  return i == text.size();
}

bool JsonReader::word() {
  const std::string_view rest = text_.substr(at_);
  const auto end = std::ranges::find_if_not(rest, [](char c) {
    return digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '+' || c == '.';
  });
  const std::string_view word = rest.substr(0, static_cast<std::size_t>(end - rest.begin()));
  const bool null = word == "null";
  if (!null && word != "true" && word != "false" && !is_number(word)) return syntax("a value");
  Node node;
  node.kind = null ? Node::Kind::null : Node::Kind::plain;
  node.position = here();
  if (!null) node.text = word;
  advance(word.size());
  return tree_.scalar(std::move(node));
}

bool JsonReader::string() {
  Node node;
  node.kind = Node::Kind::quoted;
  node.position = here();
  advance(1);
  while (peek() != '"') {
    if (at_ >= text_.size()) return syntax("the closing \"");
    if (static_cast<unsigned char>(peek()) < 0x20) return syntax("the closing \" on the same line");
    if (peek() == '\\') {
      if (!escape(node.text)) return false;
    } else {
      node.text += peek();
      advance(1);
    }
  }
  advance(1);
  return tree_.scalar(std::move(node));
}

bool JsonReader::hex4(char32_t& out) {
  out = 0;
  for (int i = 0; i < 4; ++i) {
    const char c = peek();
    const std::size_t value =
        std::string_view("0123456789abcdef").find(static_cast<char>(digit(c) ? c : c | 0x20));
    if (c == '\0' || value == std::string_view::npos) return syntax("four hexadecimal digits");
    out = out * 16 + static_cast<char32_t>(value);
    advance(1);
  }
  return true;
}

bool JsonReader::escape(std::string& out) {
  advance(1);
  static constexpr std::string_view names = "\"\\/bfnrt";
  static constexpr std::string_view values = "\"\\/\b\f\n\r\t";
  const std::size_t simple = peek() == '\0' ? std::string_view::npos : names.find(peek());
  if (simple != std::string_view::npos) {
    out += values[simple];
    advance(1);
    return true;
  }
  if (peek() != 'u') return syntax("one of the escapes of JSON");
  advance(1);
  char32_t high = 0;
  if (!hex4(high)) return false;
  if (high >= 0xD800 && high < 0xDC00) {
    char32_t low = 0;
    if (!text_.substr(at_).starts_with("\\u")) return syntax("the second half of a surrogate pair");
    advance(2);
    if (!hex4(low)) return false;
    if (low < 0xDC00 || low > 0xDFFF) return syntax("the second half of a surrogate pair before this");
    high = 0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00);
  } else if (high >= 0xDC00 && high < 0xE000) {
    return syntax("the first half of a surrogate pair before this");
  }
  append_utf8(out, high);
  return true;
}

}  // namespace

Documents read_json(std::string_view text, Findings& findings) {
  return JsonReader(text, findings).run();
}

}  // namespace podsd::spec
