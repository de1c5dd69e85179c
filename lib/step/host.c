/* SPDX-License-Identifier: MIT */
/*
 * The kinds of steps that only the caller carries out, and with the C library.
 */
#include "step/step.h"

static step_function *const functions[STEP_KIND_COUNT] = {
    [STEP_ID_RANGE] = namespace_range_step,
    [STEP_ID_NAMESPACE] = namespace_make_step,
    [STEP_ID_MOUNT] = mount_idmap_step,
    [STEP_OPEN_SOURCE] = mount_idmap_step,
    [STEP_ID_SOURCE] = mount_id_source_step,
    [STEP_MADE_NODE] = mount_made_node_step,
    [STEP_TAKE_NETWORK] = namespace_take_network_step,
    [STEP_NET_DEVICE] = network_device_step,
    [STEP_HOOK_FILE] = hook_file_step,
    [STEP_HOOK_TELL] = hook_tell_step,
    [STEP_HOOK_HOST] = hook_host_step,
    [STEP_CGROUP_ABOVE] = cgroup_above_step,
    [STEP_CGROUP_SCOPE] = cgroup_scope_step,
    [STEP_CGROUP_MAKE] = cgroup_make_step,
    [STEP_CGROUP_DEVICES] = cgroup_devices_step,
    [STEP_ID_MAPS_BY] = namespace_id_maps_by_step,
    [STEP_STATE] = state_make_step,
    [STEP_STATE_FILE] = state_file_step,
    [STEP_STATE_SOCKET] = state_socket_step,
    [STEP_STATE_WRITE] = state_write_step,
};

int step_run_host(struct step_walk *w, const struct step *step)
{
    step_function *function = step->kind < STEP_KIND_COUNT ? functions[step->kind] : NULL;
    return function ? step_run_by(w, step, function) : step_run(w, step);
}
