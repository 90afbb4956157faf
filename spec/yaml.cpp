// SPDX-License-Identifier: Apache-2.0
// The only file that knows yaml-cpp, and of it only the event parser: its document loader would resolve
// aliases, keep the first of two equal keys and allocate without end on ",".
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <optional>
#include <sstream>
#include <vector>

#include "spec/tree.hpp"
#include "spec/yaml_text.hpp"

namespace podsd::spec {
namespace {

/// Leaves the parser from inside a callback; the reason is already reported.
struct Stop {};

class Handler final : public YAML::EventHandler {
 public:
  Handler(std::string_view text, Findings& findings) : source_(text), findings_(findings), tree_(findings) {}

  void OnDocumentStart(const YAML::Mark& mark) override {
    // Leftovers of a document reach us as one more document that no "---" opens, and some of them
    // (a lone ",") again and again without end.
    const bool marked = mark.column == 0 && source_.line(mark.line).starts_with("---");
    if (started_ && !marked && !source_.dots_between(last_line_, mark.line)) {
      const std::string_view text = source_.line(mark.line);
      const std::string_view rest = text.substr(std::min(text.size(), static_cast<std::size_t>(mark.column)));
      report(mark, "not valid YAML: found " + excerpt(rest, 20) +
                       " behind the end of the document, expected \"---\" or the end of the file");
      throw Stop{};
    }
    started_ = true;
    last_line_ = mark.line;
    tree_.begin_document();
  }
  void OnDocumentEnd() override { tree_.end_document(); }

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    refuse_anchor(mark, anchor);
    // "a" for "a:" would pass, which a file cut short may well end with.
    if (tree_.expects_value() && key_ && !source_.colon_follows(key_->line, key_->column, key_size_))
      report(*key_, "not valid YAML: found a key without \":\"");
    add(make(Node::Kind::null, mark, {}));
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t /*anchor*/) override {
    report(mark, "aliases are not allowed: write the value out");
    add(make(Node::Kind::invalid, mark, {}));
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    refuse_anchor(mark, anchor);
    check_source(mark);
    if (tree_.expects_key()) {
      key_ = mark;
      key_size_ = value.size();
    }
    // yaml-cpp gives "?" to plain scalars and "!" to all others.
    if (tag == "?" || tag == "!")
      return add(make(tag == "?" ? Node::Kind::plain : Node::Kind::quoted, mark, value));
    refuse_tag(mark, tag);
    add(make(Node::Kind::invalid, mark, {}));
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value style) override {
    refuse_anchor(mark, anchor);
    refuse_tag(mark, tag);
    begin_collection(style);
    if (!tree_.begin_sequence(position(mark))) throw Stop{};
  }
  void OnSequenceEnd() override { end_collection(); }

  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value style) override {
    refuse_anchor(mark, anchor);
    refuse_tag(mark, tag);
    begin_collection(style);
    if (!tree_.begin_mapping(position(mark))) throw Stop{};
  }
  void OnMapEnd() override { end_collection(); }

  /// Directives end a document for yaml-cpp, and those amid one swallow their line.
  [[nodiscard]] bool stray_directive() {
    const std::optional<int> line = source_.stray_directive();
    if (line)
      findings_.error(
          {*line + 1, 1}, "",
          "not valid YAML: found a line that begins with \"%\", expected no directive but %YAML 1.2");
    return line.has_value();
  }
  void syntax_error(const YAML::ParserException& error);
  [[nodiscard]] std::vector<Document> take() && { return std::move(tree_).take(); }

 private:
  [[nodiscard]] Node make(Node::Kind kind, const YAML::Mark& mark, const std::string& text) {
    Node node;
    node.kind = kind;
    node.position = position(mark);
    node.text = text;
    return node;
  }
  [[nodiscard]] Position position(const YAML::Mark& mark) {
    return mark.is_null() ? Position{} : source_.position(mark.line, mark.column);
  }
  void begin_collection(YAML::EmitterStyle::value style) {
    key_.reset();
    if (style == YAML::EmitterStyle::Flow || flow_depth_ > 0) ++flow_depth_;
  }
  void end_collection() {
    key_.reset();
    if (flow_depth_ > 0) --flow_depth_;
    tree_.end_collection();
  }
  /// What yaml-cpp lets pass around a scalar.
  void check_source(const YAML::Mark& mark) {
    const auto tab = source_.tab_before(mark.line, mark.column);
    if (tab && flow_depth_ == 0) report_tab(source_.position(mark.line, *tab));
    switch (source_.quotes(mark.line, mark.column)) {
      case YamlText::Quotes::closed:
        break;
      case YamlText::Quotes::not_closed:
        report(mark, "not valid YAML: the text in quotes is not closed");
        break;
      case YamlText::Quotes::not_indented:
        report(mark, "not valid YAML: the text in quotes is not closed, or has lines that are not indented");
    }
  }
  void report_tab(Position position) {
    if (!tab_reported_)
      findings_.error(position, tree_.path(), "found a tab in the indentation, expected spaces");
    tab_reported_ = true;
  }
  void add(Node node) {
    if (!tree_.scalar(std::move(node))) throw Stop{};
  }
  void report(const YAML::Mark& mark, const std::string& message) {
    findings_.error(position(mark), tree_.path(), message);
  }
  void refuse_anchor(const YAML::Mark& mark, YAML::anchor_t anchor) {
    if (anchor != YAML::NullAnchor)
      report(mark, "anchors are not allowed: write the value out where it is used");
  }
  void refuse_tag(const YAML::Mark& mark, const std::string& tag) {
    if (!tag.empty() && tag != "?")
      report(mark, "the tag " + excerpt(tag) + " is not allowed: the field decides the type");
  }

  YamlText source_;
  Findings& findings_;
  TreeBuilder tree_;
  std::optional<YAML::Mark> key_;
  std::size_t key_size_ = 0;
  std::size_t flow_depth_ = 0;
  bool tab_reported_ = false;
  bool started_ = false;
  int last_line_ = 0;
};

/// What yaml-cpp's short messages mean to the author of a manifest.
std::string explain(const std::string& message) {
  static constexpr std::pair<std::string_view, std::string_view> known[] = {
      {"end of map not found",
       "expected \"key: value\" indented as the lines above, or the end of the mapping"},
      {"end of sequence not found",
       "expected \"- item\" indented as the lines above, or the end of the list"},
      {"end of sequence flow not found", "a \"[\" is not closed, or a \",\" is missing"},
      {"end of map flow not found", "a \"{\" is not closed, or a \",\" is missing"},
      {"illegal map value", "found a \":\" where no value may begin; text that holds \": \" needs quotes"},
      {"illegal map key", "found a key where none may begin"},
      {"illegal block entry", "found a \"-\" where no list item may begin"},
      {"illegal flow end", "found a closing bracket that nothing opened"},
      {"illegal EOF in scalar", "the text in quotes is not closed"},
      {"illegal document indicator in scalar", "the text in quotes is not closed"},
  };
  for (const auto& [theirs, ours] : known)
    if (message == theirs) return std::string(ours);
  return excerpt_bare(message, 120);
}

void Handler::syntax_error(const YAML::ParserException& error) {
  // A tab among the indentation shows as some other error, here or on the next line.
  for (const int line : {error.mark.line, error.mark.line - 1}) {
    const std::string_view text = source_.line(line);
    const std::string_view indent = text.substr(0, text.find_first_not_of(" \t-"));
    const std::size_t tab = indent.find('\t');
    if (error.mark.is_null() || tab == std::string_view::npos || indent.size() == text.size()) continue;
    report_tab({line + 1, static_cast<int>(tab) + 1});
    return;
  }
  findings_.error(position(error.mark), "", "not valid YAML: " + explain(error.msg));
}

}  // namespace

Documents read_yaml(std::string_view text, Findings& findings) {
  std::istringstream stream{std::string(text)};
  Handler handler(text, findings);
  Documents out;
  out.bad_syntax = handler.stray_directive();
  if (out.bad_syntax) return out;
  try {
    YAML::Parser parser(stream);
    while (parser.HandleNextDocument(handler)) {
    }
  } catch (const Stop&) {
    out.bad_syntax = true;
  } catch (const YAML::ParserException& error) {
    handler.syntax_error(error);
    out.bad_syntax = true;
  }
  out.list = std::move(handler).take();
  return out;
}

}  // namespace podsd::spec
