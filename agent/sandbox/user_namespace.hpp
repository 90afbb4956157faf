// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace podsd::sandbox {

/// Makes a user namespace whose ids 0 to 65535 are those of the host from `first_id` on, and new namespaces
/// of the kinds in `flags` (CLONE_NEWIPC, CLONE_NEWUTS, CLONE_NEWNET) that belong to it. This process enters
/// the latter and stays in its own user namespace: nobody in the pod has any power over it, and it keeps
/// those that a container's root needs to be mounted. The user namespace is bound to `file` in this mount
/// namespace, for runtimes to enter. Ends the process on failure.
void make_user_namespace(const char* first_id, const char* file, int flags);

/// Mounts every layer in the data of an overlay mount ("lowerdir=A:B,…") over itself with the ids of the user
/// namespace at `file`, in the caller's mount namespace. Ends the process on failure.
void idmap_layers(char* overlay_options, const char* file, int exit_status);

}  // namespace podsd::sandbox
