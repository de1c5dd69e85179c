/* SPDX-License-Identifier: MIT */
#include "step/step.h"

#include <errno.h>

/*
 * STEP_CLONE, STEP_MEET and STEP_SUPERVISE are not here: they change who walks, and belong to the
 * walkers (plan/start.c, init/walk.c). STEP_NETWORK starts a plan of its own (plan/helper.c). What
 * only the caller does is in host.c. Not a table: scratch-init, which can be anywhere, would have
 * to fill it in before.
 */
static step_function *function_of(uint32_t kind)
{
#define ON(step, function)                                                                         \
    case STEP_##step:                                                                              \
        return function;
    switch (kind) {
        ON(CGROUP_ENABLE, cgroup_enable_step)
        ON(CGROUP_SET, cgroup_set_step)
        ON(CGROUP_JOIN, cgroup_join_step)
        ON(TIME_OFFSETS, namespace_time_offsets_step)
        ON(ID_MAPS, namespace_id_maps_step)
        ON(KEEP_CAPS, namespace_keep_caps_step)
        ON(ID_MAPS_OF, namespace_id_maps_of_step)
        ON(BECOME_ROOT, namespace_become_root_step)
        ON(UNSHARE, namespace_unshare_step)
        ON(JOIN_NAMESPACE, namespace_join_step)
        ON(JOIN_CONTAINER, namespace_join_container_step)
        ON(HOSTNAME, namespace_hostname_step)
        ON(DOMAINNAME, namespace_domainname_step)
        ON(LOOPBACK, namespace_loopback_step)
        ON(SYSCTL, namespace_sysctl_step)
        ON(PROPAGATION, mount_propagation_step)
        ON(MOUNT, mount_step)
        ON(TREE, mount_tree_step)
        ON(BIND, mount_bind_step)
        ON(FILE, mount_file_step)
        ON(LINK, mount_link_step)
        ON(DEVICES, mount_devices_step)
        ON(TERMINAL, terminal_open_step)
        ON(SESSION, terminal_session_step)
        ON(FOREGROUND, terminal_foreground_step)
        ON(DEVICE, mount_device_step)
        ON(DIRECTORY, mount_directory_step)
        ON(REMOUNT, mount_remount_step)
        ON(HOOK, hook_step)
        ON(LOOK_UP, process_look_up_step)
        ON(KEYRING, process_keyring_step)
        ON(SCHEDULER, process_scheduler_step)
        ON(IO_PRIORITY, process_io_priority_step)
        ON(PERSONALITY, process_personality_step)
        ON(MEMORY_POLICY, process_memory_policy_step)
        ON(CPU_AFFINITY, process_affinity_step)
        ON(NODE, mount_node_step)
        ON(HOST_DEVICES, mount_host_devices_step)
        ON(MASK, mount_mask_step)
        ON(READ_ONLY_PATHS, mount_read_only_paths_step)
        ON(ROOT_BIND, rootfs_bind_step)
        ON(ROOT_READY, rootfs_ready_step)
        ON(ROOT_OVERLAY, rootfs_overlay_step)
        ON(LOCK_UPPER, rootfs_lock_upper_step)
        ON(OWN, mount_own_step)
        ON(RELABEL, mount_relabel_step)
        ON(LAYERS, rootfs_layers_step)
        ON(ROOT_COMPOSE, rootfs_compose_step)
        ON(OVERLAY_PART, rootfs_overlay_part_step)
        ON(ROOT_READ_ONLY, rootfs_read_only_step)
        ON(PIVOT_ROOT, rootfs_pivot_step)
        ON(LEAVE_MOUNTS, rootfs_leave_step)
        ON(CHROOT, rootfs_chroot_step)
        ON(OOM_SCORE, process_oom_score_step)
        ON(HIDE, process_hide_step)
        ON(USER, process_user_step)
        ON(RLIMIT, process_rlimit_step)
        ON(CHDIR, process_chdir_step)
        ON(BOUNDING, process_bounding_step)
        ON(IDS, process_ids_step)
        ON(CAPABILITIES, process_capabilities_step)
        ON(NO_NEW_PRIVS, process_no_new_privs_step)
        ON(SECCOMP, process_seccomp_step)
        ON(LANDLOCK, process_landlock_step)
        ON(LABEL, process_label_step)
        ON(DIE_WITH_PARENT, process_die_with_parent_step)
        ON(EXEC, process_exec_step)
    default:
        return NULL;
    }
#undef ON
}

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
    return step_run_by(w, step, function_of(step->kind));
}
