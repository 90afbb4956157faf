// SPDX-License-Identifier: Apache-2.0
// Writing limits into a cgroup: all of them or none.
#include <unistd.h>

#include <cerrno>

#include "agent/runtime/cgroup.hpp"

namespace podsd::runtime {
namespace {

// io.max lists devices: one that is not listed has no limit.
std::string back(const std::string& file, const std::string& now, const std::string& written) {
  std::string device = written.substr(0, written.find(' '));
  if (file != "io.max" || now.find(device + " ") != std::string::npos) return now;
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
  if (controller == "cgroup")
    return fail(value.field, "cannot be set: this kernel has no " + value.file, ENOENT);
  auto there = read("cgroup.controllers");
  bool has = there && (" " + *there).find(" " + controller) != std::string::npos;
  return fail(value.field,
              has ? "cannot be set: this kernel has no " + value.file
                  : "cannot be set: controller " + controller + " is not available in " + path_,
              ENOENT);
}

std::vector<CgroupValue> Cgroup::current(std::span<const CgroupValue> values) const {
  std::vector<CgroupValue> now;
  for (const auto& value : values) {
    auto text = read(value.file),
         other = value.other_file.empty() ? Result<std::string>("") : read(value.other_file);
    now.push_back({value.field, value.file, text ? back(value.file, *text, value.text) : "", value.other_file,
                   other ? *other : ""});
  }
  return now;
}

void Cgroup::restore(std::span<const CgroupValue> values) const {
  for (const auto& value : values) {
    static_cast<void>(write(value.file, value.text));
    if (!value.other_file.empty()) static_cast<void>(write(value.other_file, value.other_text));
  }
}

Result<void> Cgroup::apply(std::span<const CgroupValue> values) const {
  auto before = current(values);
  for (const auto& value : values) {
    auto done = apply_one(value);
    if (done) continue;
    restore(before);
    return done;
  }
  return {};
}

}  // namespace podsd::runtime
