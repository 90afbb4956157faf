// SPDX-License-Identifier: Apache-2.0
// What can happen to a pod (Event) and what the shell is to do for it (Action).
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "policies/exit.hpp"
#include "spec/pod.hpp"
#include "units/status.hpp"
#include "units/systemd.hpp"

namespace podsd::units {

// ---- events
// ------------------------------------------------------------------------------------------------------------

/// The manifest is valid and says this. Its uid may be empty: then the pod keeps the one it has.
struct ManifestApplied {
  spec::Pod pod;
};
/// The file on disk is refused, with these diagnostics.
struct ManifestRefused {
  std::string message;
};
struct ManifestGone {};
struct SandboxUp {};
struct SandboxFailed {
  std::string message;
};
/// Answer to StopSandbox: no process of the pod lives, its units are released.
struct SandboxDown {};
/// The sandbox ended although nobody asked for it.
struct SandboxLost {};
struct ContainerUp {
  std::string name;
  std::uint32_t attempt;
  int pid;
  std::string image_id;
};
/// A start failed; nothing of it is left.
struct ContainerFailed {
  enum class Stage {
    image,      ///< the store has no image of that name
    bad_image,  ///< the store cannot be read, or the image not used
    config,
    create,
    run,
  } stage;
  std::string name;
  std::uint32_t attempt;
  std::string message;
  std::string image = {};  ///< of the stage image: which one
};
/// Answers to PullImage.
struct ImagePulled {
  std::string name;
  std::uint32_t attempt;
};
struct ImagePullFailed {
  std::string name;
  std::uint32_t attempt;
  std::string message;
};
/// How far a pull is that PullImage began, in words.
struct ImagePullProgress {
  std::string name;
  std::uint32_t attempt;
  std::string text;
};
/// The container's first process has ended. `stopped`: by systemd itself, as an operator asked (systemctl
/// stop while no agent was the scope's controller).
struct ContainerDown {
  std::string name;
  std::uint32_t attempt;
  policies::ExitFacts facts;
  Instant finished_at;
  bool stopped = false;
};
enum class Verb { start, stop, restart };
/// An operator asks (podsctl, or systemctl stop by way of RequestStop). An empty name means the whole pod.
struct Asked {
  Verb verb;
  std::string container;
};
/// A timer set for `container` ("" for the pod) at `at` went off.
struct TimerFired {
  std::string container;
  Instant at;
};
/// Answer to SetLimits; an empty error is success.
struct LimitsSet {
  std::string unit;
  std::vector<Property> properties;
  std::string error;
};
/// systemd has reloaded, or may have while no agent listened: what was applied may have been rounded.
struct SystemdReloaded {};
/// An image appeared, moved or went.
struct ImagesChanged {};

using Event =
    std::variant<ManifestApplied, ManifestRefused, ManifestGone, SandboxUp, SandboxFailed, SandboxDown,
                 SandboxLost, ContainerUp, ContainerFailed, ContainerDown, Asked, TimerFired, LimitsSet,
                 SystemdReloaded, ImagesChanged, ImagePulled, ImagePullFailed, ImagePullProgress>;

// ---- actions
// -----------------------------------------------------------------------------------------------------------

/// Make the slice and the sandbox → SandboxUp or SandboxFailed. `fresh`: a new pod, whose emptyDir volumes
/// start empty.
struct RunSandbox {
  bool fresh = true;
};
/// End everything in the pod's slice and release its units → SandboxDown.
struct StopSandbox {};
/// → ContainerUp or ContainerFailed.
struct StartContainer {
  std::string name;
  std::uint32_t attempt;
};
/// Bring an image into the store, for a container, whether one of that name is there or not → ImagePulled or
/// ImagePullFailed, with any number of ImagePullProgress before it.
struct PullImage {
  std::string name;
  std::uint32_t attempt;
  std::string image;
};
/// Send the container's stop signal to its first process.
struct SignalContainer {
  std::string name;
};
/// SIGKILL to every process of the scope.
struct KillContainer {
  std::string name;
};
/// → TimerFired. A later SetTimer for the same container replaces it.
struct SetTimer {
  std::string container;
  Instant at;
};
/// SetUnitProperties → LimitsSet.
struct SetLimits {
  std::string unit;
  std::vector<Property> properties;
};
/// One lifecycle entry in the journal. `priority` as of syslog(3). An empty container: about the pod.
struct Report {
  int priority;
  std::string container;
  std::string event;
  std::string message;
};
/// Remove what is kept of the pod: volumes, writable layers, state.
struct Forget {};

using Action = std::variant<RunSandbox, StopSandbox, StartContainer, PullImage, SignalContainer,
                            KillContainer, SetTimer, SetLimits, Report, Forget>;

}  // namespace podsd::units
