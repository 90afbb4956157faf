// SPDX-License-Identifier: Apache-2.0
// Writing limits into a cgroup: all of them or none.
#include <unistd.h>

#include <cerrno>

#include "agent/runtime/cgroup.hpp"

namespace podsd::runtime {
namespace {

struct Before {
  std::string file, text;
};

// What takes a value back. io.max and rdma.max list devices: one that was not listed had no limit.
std::string restored(const Before& before, const std::string& written) {
  std::string text = before.text;
  if (before.file != "io.max") return text;
  std::string device = written.substr(0, written.find(' '));
  if (text.find(device + " ") != std::string::npos) return text;
  return device + " rbps=max wbps=max riops=max wiops=max";
}

// What holds without the controller, too: the kernel's own defaults. containerd asks for its shares always.
bool asks_nothing(const CgroupValue& value) {
  return value.text.starts_with("max") || (value.file == "cpu.weight" && value.text == "100") ||
         (value.file == "cpu.idle" && value.text == "0");
}

}  // namespace

Result<void> Cgroup::apply_one(const CgroupValue& value) const {
  auto done = write(value.file, value.text);
  bool missing = !done && done.error().code == ENOENT;
  if (!value.other_file.empty() && (done || missing)) {
    auto other = write(value.other_file, value.other_text);
    if (other || other.error().code != ENOENT) return other;
    if (done) return done;
  }
  if (done) return done;
  if (!missing) return fail(value.field, "cannot be set", done.error());
  if (asks_nothing(value)) return {};
  // A controller that is there, but not for this file: an option of the kernel's build.
  std::string controller(controller_of(value.file));
  auto there = read("cgroup.controllers");
  bool has = there && (" " + *there).find(" " + controller) != std::string::npos;
  return fail(value.field,
              has ? "cannot be set: this kernel has no " + value.file
                  : "cannot be set: controller " + controller + " is not available in " + path_,
              ENOENT);
}

Result<void> Cgroup::apply(std::span<const CgroupValue> values) const {
  std::vector<Before> before;
  for (const auto& value : values) {
    auto old = read(value.file);
    before.push_back({value.file, old ? *old : ""});
    auto done = apply_one(value);
    if (done) continue;
    for (std::size_t i = before.size(); i-- > 0;)
      static_cast<void>(write(before[i].file, restored(before[i], values[i].text)));
    return done;
  }
  return {};
}

}  // namespace podsd::runtime
