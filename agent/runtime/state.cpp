// SPDX-License-Identifier: Apache-2.0
#include "agent/runtime/state.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <memory>
#include <nlohmann/json.hpp>

#include "agent/runtime/cgroup.hpp"
#include "agent/runtime/config.hpp"
#include "agent/runtime/files.hpp"

namespace podsd::runtime {
namespace {

constexpr std::size_t max_state_bytes = 16U << 20;
constexpr const char* start_socket = "/start.sock";

struct Address {
  UniqueFd folder;
  sockaddr_un name = {};
};

// sun_path ends at 108 bytes, so the socket is named by way of an fd of its folder.
// A process that had ended before its state was written has no start time there.
bool lives(const State& state) {
  return state.start_time != 0 && start_time_of(state.pid) == state.start_time;
}

bool is_paused(const State& state) {
  if (state.cgroup.empty()) return false;
  auto cgroup = Cgroup::open(state.cgroup);
  return cgroup && cgroup->frozen();
}

Result<Address> address_in(const std::string& folder) {
  Address address{UniqueFd(open(folder.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC)), {}};
  if (!address.folder) return fail("cannot open", folder, errno);
  std::string name = "/proc/self/fd/" + std::to_string(address.folder.get()) + start_socket;
  address.name.sun_family = AF_UNIX;
  name.copy(address.name.sun_path, sizeof address.name.sun_path - 1);
  return address;
}

}  // namespace

const char* text(Status status) {
  constexpr const char* words[] = {"creating", "created", "running", "stopped", "paused"};
  return words[static_cast<std::size_t>(status)];
}

std::string state_text(const State& state, Status status, int pid) {
  nlohmann::ordered_json json{{"ociVersion", oci_version},
                              {"id", state.id},
                              {"status", text(status)},
                              {"pid", pid},
                              {"bundle", state.bundle}};
  if (!state.annotations.empty()) json["annotations"] = state.annotations;
  return json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

Result<void> Folder::make() const {
  int made = mkdir(path_.c_str(), 0700);
  if (made < 0 && errno == ENOENT) {
    if (auto done = make_directories(root_); !done) return done;
    made = mkdir(path_.c_str(), 0700);
  }
  if (made == 0) return {};
  if (errno == EEXIST) return fail("container with given ID already exists", {}, EEXIST);
  return fail("cannot make", path_, errno);
}

Result<void> Folder::save(const State& state) const {
  nlohmann::json json{{"id", state.id},           {"bundle", state.bundle},
                      {"pid", state.pid},         {"start", state.start_time},
                      {"created", state.created}, {"annotations", state.annotations},
                      {"cgroup", state.cgroup},   {"scope", state.scope},
                      {"hooks", state.hooks}};
  return replace_file(path_ + "/state.json",
                      json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
}

Result<State> Folder::load() const {
  auto text = read_file(path_ + "/state.json", max_state_bytes);
  if (!text && text.error().code == ENOENT) return fail("container does not exist", {}, ENOENT);
  if (!text) return std::unexpected(text.error());
  auto json = nlohmann::json::parse(*text, nullptr, false);
  try {
    return State{json.at("id"),
                 json.at("bundle"),
                 json.at("pid"),
                 json.at("start"),
                 json.at("created"),
                 json.at("annotations"),
                 json.value("cgroup", ""),
                 json.value("scope", ""),
                 json.value("hooks", false)};
  } catch (const nlohmann::json::exception&) {
    return fail("damaged", path_ + "/state.json");
  }
}

Result<void> Folder::save_config(const std::string& text) const {
  return replace_file(path_ + "/config.json", text);
}

Result<std::string> Folder::load_config() const {
  return read_file(path_ + "/config.json", max_config_bytes);
}

void Folder::remove() const {
  for (const char* name : {start_socket, "/config.json", "/state.json"}) unlink((path_ + name).c_str());
  rmdir(path_.c_str());
}

Status Folder::status(const State& state) const {
  if (state.pid == 0) return Status::creating;
  if (!lives(state)) return Status::stopped;
  if (is_paused(state)) return Status::paused;
  return access((path_ + start_socket).c_str(), F_OK) == 0 ? Status::created : Status::running;
}

Result<UniqueFd> Folder::listen_for_start() const {
  auto address = address_in(path_);
  if (!address) return std::unexpected(address.error());
  UniqueFd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  auto* name = reinterpret_cast<sockaddr*>(&address->name);
  if (!socket || bind(socket.get(), name, sizeof address->name) < 0 || listen(socket.get(), 1) < 0)
    return fail("cannot listen for the start", path_, errno);
  return socket;
}

Result<UniqueFd> Folder::connect_to_start() const {
  auto address = address_in(path_);
  if (!address) return std::unexpected(address.error());
  UniqueFd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!socket || connect(socket.get(), reinterpret_cast<sockaddr*>(&address->name), sizeof address->name) < 0)
    return fail("cannot reach the container's init", {}, errno);
  return socket;
}

void Folder::forget_start() const {
  unlink((path_ + start_socket).c_str());
}

std::vector<std::string> container_ids(const std::string& root) {
  std::vector<std::string> ids;
  std::unique_ptr<DIR, int (*)(DIR*)> folder(opendir(root.c_str()), closedir);
  while (folder != nullptr) {
    const dirent* entry = readdir(folder.get());
    if (entry == nullptr) break;
    if (entry->d_name[0] != '.') ids.emplace_back(entry->d_name);
  }
  std::ranges::sort(ids);
  return ids;
}

std::uint64_t start_time_of(int pid) {
  std::string path = "/proc/" + std::to_string(pid) + "/stat", text(1024, '\0');
  UniqueFd file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file) return 0;
  ssize_t size = read(file.get(), text.data(), text.size());
  text.resize(size > 0 ? static_cast<std::size_t>(size) : 0);
  // The second field is the program's name in parentheses, with anything in it. The state follows.
  auto at = text.rfind(") ");
  if (at == std::string::npos || text[at + 2] == 'Z' || text[at + 2] == 'X') return 0;
  for (int field = 2; field < 22 && at != std::string::npos; ++field) at = text.find(' ', at + 1);
  return at == std::string::npos ? 0 : std::strtoull(text.c_str() + at, nullptr, 10);
}

Result<UniqueFd> open_init(const State& state) {
  UniqueFd process(static_cast<int>(syscall(SYS_pidfd_open, state.pid, 0)));
  // Looked at after the pidfd was opened: from then on the pid belongs to that process.
  if (!process || !lives(state)) return fail("container not running", {}, ESRCH);
  return process;
}

}  // namespace podsd::runtime
