// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "spec/ip.hpp"
#include "spec/manifest.hpp"
#include "spec/result.hpp"

namespace podsd::spec {

/// An OCI runtime that pods choose by runtimeClassName.
struct Runtime {
  std::string path;               ///< of the program, absolute
  std::vector<std::string> args;  ///< its global options
  bool operator==(const Runtime&) const = default;
};

/// network.ipv4 or network.ipv6
struct IpFamilyConfig {
  bool off = false;               ///< "none"
  std::optional<IpPrefix> range;  ///< of the pods' addresses; absent: podsd's choice
  bool operator==(const IpFamilyConfig&) const = default;
};

/// network.cni
struct CniConfig {
  std::string configs = "/etc/cni/net.d";                            ///< configDir
  std::vector<std::string> plugins{"/usr/lib/cni", "/opt/cni/bin"};  ///< pluginDirs, in the order of search
  std::int64_t timeout_usec = 60'000'000;                            ///< timeout, of each run of a plugin
  bool operator==(const CniConfig&) const = default;
};

/// How pods without hostNetwork are connected.
struct NetworkConfig {
  enum class Provider {
    automatic,  ///< cni where a network is configured that can be used, else embedded
    embedded,   ///< podsd's own: a bridge with private addresses
    cni,        ///< plugins of the Container Network Interface
    none,       ///< loopback only
  } provider = Provider::automatic;
  CniConfig cni;
  std::string bridge = "pods0";
  IpFamilyConfig ipv4, ipv6;         ///< not both off
  std::optional<std::uint32_t> mtu;  ///< of pods; absent: that of the host's default route
  bool operator==(const NetworkConfig&) const = default;
};

/// The form in which layers are kept.
enum class ImageSnapshotter {
  overlayfs,  ///< unpacked
  erofs,      ///< one erofs image per layer
};

/// What podsd.yaml says; what it does not say is absent. Durations are written as "10s", "5m", "500ms", "1h".
struct Config {
  std::optional<std::int64_t> backoff_first_usec;  ///< restartBackoff.first
  std::optional<double> backoff_factor;            ///< restartBackoff.factor, 1 to 10
  std::optional<std::int64_t> backoff_cap_usec;    ///< restartBackoff.cap
  std::optional<std::int64_t> backoff_reset_usec;  ///< restartBackoff.reset
  std::optional<std::int64_t> pod_pids_limit;      ///< podPidsLimit, as the kubelet's
  std::optional<std::int64_t> users_first_id;      ///< userNamespaces.firstID, a multiple of 65536
  std::optional<std::int64_t> users_pods;          ///< userNamespaces.pods
  std::optional<double>
      memory_throttling_factor;  ///< memoryThrottlingFactor, as the kubelet's (KEP-2570): over 0, to 1
  std::optional<std::int64_t> image_high_percent;         ///< imageGCHighThresholdPercent, as the kubelet's
  std::optional<std::int64_t> image_low_percent;          ///< imageGCLowThresholdPercent, below the high one
  std::optional<std::int64_t> image_minimum_age_usec;     ///< imageMinimumGCAge, as the kubelet's
  std::optional<std::vector<std::string>> pinned_images;  ///< pinnedImages: names, '*' for any text
  std::optional<std::int64_t> image_bytes;                ///< imageLimits.bytes, of the unpacked layers
  std::optional<std::int64_t> image_files;                ///< imageLimits.files
  std::optional<std::int64_t> image_time_usec;            ///< imageLimits.time, at least a second
  ImageSnapshotter image_snapshotter = ImageSnapshotter::overlayfs;  ///< imageSnapshotter
  std::map<std::string, Runtime> runtimes;  ///< by handler, the name in runtimeClassName
  NetworkConfig network;
};

struct ConfigFile {
  Config config;
  std::vector<Diagnostic> diagnostics;  ///< in order of position; with an error the config does not count
};

/// Reads podsd.yaml with the strictness of manifests. An empty file is a config that says nothing.
[[nodiscard]] ConfigFile parse_config(std::string_view text, const std::string& file);

/// The same for those who need the config or a reason: every error of the file, one a line.
[[nodiscard]] Result<Config> read_config(std::string_view text, const std::string& file);

}  // namespace podsd::spec
