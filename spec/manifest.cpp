// SPDX-License-Identifier: Apache-2.0
#include "spec/manifest.hpp"

#include <algorithm>
#include <map>

#include "spec/check.hpp"
#include "spec/findings.hpp"
#include "spec/read.hpp"
#include "spec/scalar.hpp"
#include "spec/schema.hpp"
#include "spec/text.hpp"
#include "spec/tree.hpp"

namespace podsd::spec {
namespace {

struct Parsed {
  Documents documents;
  Findings findings;
};

/// A file that begins like JSON may be YAML in flow style too. What neither reads is reported as JSON.
Parsed parse(std::string_view text, const std::string& file) {
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  if (first != std::string_view::npos && text[first] == '{') {
    Parsed json{{}, Findings(file)};
    json.documents = read_json(text, json.findings);
    if (!json.documents.bad_syntax) return json;
    Parsed yaml{{}, Findings(file)};
    yaml.documents = read_yaml(text, yaml.findings);
    const std::size_t key = text.find_first_not_of(" \t\r\n", first + 1);
    const bool like_json = key != std::string_view::npos && (text[key] == '"' || text[key] == '}');
    return yaml.documents.bad_syntax && like_json ? std::move(json) : std::move(yaml);
  }
  Parsed yaml{{}, Findings(file)};
  yaml.documents = read_yaml(text, yaml.findings);
  return yaml;
}

class Reading {
 public:
  Reading(Findings& findings, std::vector<Pod>& pods) : findings_(findings), pods_(pods) {}

  void document(const Node& root, bool broken) {
    const std::size_t errors = findings_.errors();
    if (root.kind == Node::Kind::invalid) return;
    if (root.kind != Node::Kind::mapping)
      return findings_.error(
          root.position, "",
          "found " + describe(root) + ", expected a Pod: a mapping with apiVersion, kind, metadata and spec");
    const Reader reader(&root, "", findings_);
    if (!pod_kind(reader)) return;
    check_object(root, pod_rule, "", findings_);
    Pod pod = read_pod(reader);
    if (!unique(root, pod) || broken || findings_.errors() != errors) return;
    pods_.push_back(std::move(pod));
  }

 private:
  /// False for a document of another kind, of which no more is said.
  bool pod_kind(const Reader& root) {
    if (root.require("kind", "Pod")) {
      const Reader kind = root.field("kind", Type::text);
      if (kind.present() && kind.node().text != "Pod") {
        findings_.error(kind.position(), "",
                        "kind " + excerpt_bare(kind.node().text) + " is not supported yet: expected Pod");
        return false;
      }
    }
    if (root.require("apiVersion", "v1")) {
      const Reader version = root.field("apiVersion", Type::text);
      if (version.present() && version.node().text != "v1") version.expect("v1");
    }
    return true;
  }

  bool unique(const Node& root, const Pod& pod) {
    if (pod.name.empty()) return true;
    const Node* metadata = root.find("metadata");
    const Position position = metadata->find("name")->position;
    const std::string name = pod.ns + "/" + pod.name;
    const auto [first, inserted] = places_.emplace(name, position);
    if (inserted) return true;
    findings_.error(position, "metadata.name",
                    "the pod " + excerpt_bare(name) + " is defined twice in this file, first at " +
                        std::to_string(first->second.line) + ":" + std::to_string(first->second.column));
    return false;
  }

  Findings& findings_;
  std::vector<Pod>& pods_;
  std::map<std::string, Position> places_;
};

Manifest give_up(Findings findings) {
  Manifest out;
  out.diagnostics = std::move(findings).take();
  return out;
}

}  // namespace

bool Manifest::ok() const {
  return std::ranges::none_of(diagnostics, [](const Diagnostic& d) { return d.severity == Severity::error; });
}

Manifest parse_manifest(std::string_view text, const std::string& file) {
  Findings early(file);
  if (text.size() > max_manifest_bytes) {
    early.error({}, "",
                "found " + std::to_string(text.size()) + " bytes, expected at most " +
                    std::to_string(max_manifest_bytes));
    return give_up(std::move(early));
  }
  if (const auto bad = find_bad_bytes(text)) {
    early.error(position_of(text, bad->offset), "", bad->message);
    return give_up(std::move(early));
  }
  Parsed parsed = parse(text, file);
  Manifest out;
  Reading reading(parsed.findings, out.pods);
  bool any = parsed.documents.bad_syntax;
  for (const Document& document : parsed.documents.list) {
    if (document.root.kind == Node::Kind::null) continue;
    any = true;
    reading.document(document.root, document.broken);
  }
  if (!any) parsed.findings.error({}, "", "the file holds no document, expected a Pod");
  out.diagnostics = std::move(parsed.findings).take();
  return out;
}

}  // namespace podsd::spec
