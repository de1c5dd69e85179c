/* SPDX-License-Identifier: MIT */
#include "step/step.h"

#include <errno.h>

/*
 * STEP_CLONE, STEP_MEET and STEP_SUPERVISE are not here: they change who walks, and belong to the
 * walkers (plan/start.c, init/walk.c). STEP_NETWORK starts a plan of its own (plan/helper.c). What
 * only the caller does is in host.c.
 */
static int (*const functions[STEP_KIND_COUNT])(struct step_walk *, const struct step *) = {
    [STEP_CGROUP_ENABLE] = cgroup_enable_step,
    [STEP_CGROUP_SET] = cgroup_set_step,
    [STEP_CGROUP_JOIN] = cgroup_join_step,
    [STEP_TIME_OFFSETS] = namespace_time_offsets_step,
    [STEP_ID_MAPS] = namespace_id_maps_step,
    [STEP_KEEP_CAPS] = namespace_keep_caps_step,
    [STEP_ID_MAPS_OF] = namespace_id_maps_of_step,
    [STEP_BECOME_ROOT] = namespace_become_root_step,
    [STEP_UNSHARE] = namespace_unshare_step,
    [STEP_JOIN_NAMESPACE] = namespace_join_step,
    [STEP_JOIN_CONTAINER] = namespace_join_container_step,
    [STEP_HOSTNAME] = namespace_hostname_step,
    [STEP_DOMAINNAME] = namespace_domainname_step,
    [STEP_LOOPBACK] = namespace_loopback_step,
    [STEP_SYSCTL] = namespace_sysctl_step,
    [STEP_PROPAGATION] = mount_propagation_step,
    [STEP_MOUNT] = mount_step,
    [STEP_TREE] = mount_tree_step,
    [STEP_BIND] = mount_bind_step,
    [STEP_FILE] = mount_file_step,
    [STEP_LINK] = mount_link_step,
    [STEP_DEVICES] = mount_devices_step,
    [STEP_TERMINAL] = terminal_open_step,
    [STEP_SESSION] = terminal_session_step,
    [STEP_FOREGROUND] = terminal_foreground_step,
    [STEP_DEVICE] = mount_device_step,
    [STEP_DIRECTORY] = mount_directory_step,
    [STEP_REMOUNT] = mount_remount_step,
    [STEP_HOOK] = hook_step,
    [STEP_LOOK_UP] = process_look_up_step,
    [STEP_KEYRING] = process_keyring_step,
    [STEP_SCHEDULER] = process_scheduler_step,
    [STEP_IO_PRIORITY] = process_io_priority_step,
    [STEP_PERSONALITY] = process_personality_step,
    [STEP_MEMORY_POLICY] = process_memory_policy_step,
    [STEP_CPU_AFFINITY] = process_affinity_step,
    [STEP_NODE] = mount_node_step,
    [STEP_HOST_DEVICES] = mount_host_devices_step,
    [STEP_MASK] = mount_mask_step,
    [STEP_READ_ONLY_PATHS] = mount_read_only_paths_step,
    [STEP_ROOT_BIND] = rootfs_bind_step,
    [STEP_ROOT_READY] = rootfs_ready_step,
    [STEP_ROOT_OVERLAY] = rootfs_overlay_step,
    [STEP_LOCK_UPPER] = rootfs_lock_upper_step,
    [STEP_OWN] = mount_own_step,
    [STEP_RELABEL] = mount_relabel_step,
    [STEP_LAYERS] = rootfs_layers_step,
    [STEP_ROOT_COMPOSE] = rootfs_compose_step,
    [STEP_OVERLAY_PART] = rootfs_overlay_part_step,
    [STEP_ROOT_READ_ONLY] = rootfs_read_only_step,
    [STEP_PIVOT_ROOT] = rootfs_pivot_step,
    [STEP_LEAVE_MOUNTS] = rootfs_leave_step,
    [STEP_CHROOT] = rootfs_chroot_step,
    [STEP_OOM_SCORE] = process_oom_score_step,
    [STEP_HIDE] = process_hide_step,
    [STEP_USER] = process_user_step,
    [STEP_RLIMIT] = process_rlimit_step,
    [STEP_CHDIR] = process_chdir_step,
    [STEP_BOUNDING] = process_bounding_step,
    [STEP_IDS] = process_ids_step,
    [STEP_CAPABILITIES] = process_capabilities_step,
    [STEP_NO_NEW_PRIVS] = process_no_new_privs_step,
    [STEP_SECCOMP] = process_seccomp_step,
    [STEP_LANDLOCK] = process_landlock_step,
    [STEP_LABEL] = process_label_step,
    [STEP_DIE_WITH_PARENT] = process_die_with_parent_step,
    [STEP_EXEC] = process_exec_step,
};

int step_fault(struct step_walk *w)
{
    if (!w->start || w->start->fail_step != w->index + 1)
        return 0;
    w->detail = DETAIL_FAULT;
    return -w->start->fail_errno;
}

int step_run_by(struct step_walk *w, const struct step *step, step_function *function)
{
    w->detail = DETAIL_NONE;
    w->item = 0;
    int rc = step_fault(w);
    if (rc < 0)
        return rc;
    if (!function)
        return -ENOSYS;
    rc = function(w, step);
    return rc < 0 && (step->flags & STEP_BEST_EFFORT) ? 0 : rc;
}

int step_run(struct step_walk *w, const struct step *step)
{
    return step_run_by(w, step, step->kind < STEP_KIND_COUNT ? functions[step->kind] : NULL);
}
