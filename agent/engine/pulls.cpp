// SPDX-License-Identifier: Apache-2.0
#include "agent/engine/pulls.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <set>

#include "agent/image/files.hpp"
#include "agent/image/pull_request.hpp"
#include "agent/one_line.hpp"
#include "agent/os/files.hpp"

namespace podsd::engine {
namespace {

constexpr const char* cache = "/var/cache/podsd/pulls";
constexpr const char* private_cache = "/var/cache/private/podsd/pulls";
constexpr std::size_t max_error = 4096, max_progress = 200;

std::string unit_of(const std::string& name) {
  return "podsd-pull@" + name + ".service";
}

/// REGISTRY_AUTH_FILE as skopeo has it, but podsd's own file where it is not set.
std::string auth_file() {
  const char* named = std::getenv("REGISTRY_AUTH_FILE");
  return named != nullptr && *named != '\0' ? named : "/etc/podsd/auth.json";
}

/// What a folder's "error" says. Its writer may be the unprivileged transfer: no symlink is followed.
std::string error_in(const std::filesystem::path& folder) {
  const UniqueFd dir(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!dir) return "";
  auto text = image::read_file(dir.get(), image::pull_error_file, max_error);
  return text ? one_line(*text, max_error) : "";
}

}  // namespace

void Pulls::pull(const std::string& reference, Progress progress, units::Done<void> done) {
  const auto normalized = image::normalize_reference(reference);
  // The service's answer comes later, from the loop; so must this one's.
  if (!normalized)
    return systemd_.list_units({"podsd-pull@.service"}, [done, error = normalized.error()](const auto&) {
      done(std::unexpected(error));
    });
  auto& waiting = waiting_[*normalized];
  if (progress && !waiting.progress.empty()) progress(waiting.progress);
  waiting.callers.emplace_back(std::move(progress), std::move(done));
  if (waiting.callers.size() == 1) begin(*normalized);
}

void Pulls::begin(const std::string& reference) {
  const std::string unit = unit_of(image::pull_name(reference));
  if (auto written = write_request(image::pull_name(reference), reference); !written)
    return systemd_.list_units({unit},
                               [this, reference, written](const auto&) { ended(reference, written); });
  const auto told = [this, reference](const std::string& status) { tell(reference, status); };
  systemd_.start_unit(unit, told, [this, reference](const Result<void>& r) { ended(reference, r); });
  // One that an earlier agent began may not say more for long.
  systemd_.get_string(unit, "Service", "StatusText", [told](const Result<std::string>& status) {
    if (status) told(*status);
  });
}

void Pulls::tell(const std::string& reference, const std::string& status) {
  const auto found = waiting_.find(reference);
  if (found == waiting_.end() || status.empty()) return;
  const std::string text = one_line(status, max_progress);
  found->second.progress = text;
  // A copy: who is told may call again.
  const auto callers = found->second.callers;
  for (const auto& [progress, done] : callers)
    if (progress) progress(text);
}

Result<void> Pulls::write_request(const std::string& name, const std::string& reference) const {
  const auto folder = run_ / name;
  if (auto made = os::make_dirs(folder, 0700); !made) return made;
  ::unlink((folder / image::pull_error_file).c_str());
  auto auth = os::read_file(auth_file());
  if (!auth && auth.error().code != ENOENT) return std::unexpected(auth.error());
  if (auto written = os::replace_file(folder / "auth.json", auth.value_or("{}")); !written) return written;
  const auto found = images_.find(reference);
  const std::string have = found && *found ? (*found)->digest : "";
  return os::replace_file(folder / "request", image::request_text({reference, have}));
}

void Pulls::ended(const std::string& reference, const Result<void>& result) {
  const std::string name = image::pull_name(reference);
  Result<void> told = result;
  if (!result) told = fail("cannot pull image \"" + reference + "\": " + failure(name, result.error()));
  // Not while it may still run: a lost bus is no end of the service.
  if (result || result.error().code != ENOTCONN) remove_folders(name);
  const auto waited = waiting_.extract(reference);
  if (waited.empty()) return;
  for (const auto& [progress, done] : waited.mapped().callers) done(told);
}

std::string Pulls::failure(const std::string& name, const Error& otherwise) const {
  for (const auto& folder : {run_ / name, std::filesystem::path(private_cache) / name})
    if (std::string text = error_in(folder); !text.empty()) return text;
  return otherwise.message();
}

void Pulls::remove_folders(const std::string& name) const {
  for (const auto& path :
       {run_ / name, std::filesystem::path(cache) / name, std::filesystem::path(private_cache) / name})
    static_cast<void>(os::remove_tree(path));
}

void Pulls::sweep() {
  systemd_.list_units({"podsd-pull@*.service"}, [this](const Result<std::vector<units::UnitInfo>>& units) {
    if (!units) return;
    std::set<std::string> living;
    for (const units::UnitInfo& unit : *units)
      if (unit.active_state != "inactive" && unit.active_state != "failed") living.insert(unit.name);
    for (const auto& [reference, done] : waiting_) living.insert(unit_of(image::pull_name(reference)));
    std::error_code error;
    for (const auto& folder : std::filesystem::directory_iterator(private_cache, error))
      if (const std::string name = folder.path().filename(); !living.contains(unit_of(name)))
        remove_folders(name);
  });
}

}  // namespace podsd::engine
