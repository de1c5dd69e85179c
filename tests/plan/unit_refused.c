/* SPDX-License-Identifier: MIT */
/*
 * What would be passed over, if it were not refused.
 */
#include "plan/minimal.h"

#include <errno.h>
#include <string.h>

static const char *const argv[] = {"true", NULL};
static struct minimal m;

static void begin(enum scratch_rootfs_kind kind)
{
    minimal_begin(&m, argv);
    m.rootfs.kind = kind;
    m.rootfs.path = "/";
}

static void refused(const char *cause)
{
    struct scratch_error err;
    scratch_plan *plan;
    assert_int_equal(scratch_plan_compile(&m.spec, &plan, &err), -EINVAL);
    assert_null(plan);
    if (!strstr(err.cause, cause))
        fail_msg("'%s' is not in '%s'", cause, err.cause);
}

static void the_callers_own_root_is_not_changed(void **state)
{
    static const char *const paths[] = {"/etc/shadow"};
    static const struct scratch_device device = {.source = "/dev/null", .target = "/dev/other"};
    static const char as_it_is[] = "taken as it is";
    (void)state;
    begin(SCRATCH_ROOTFS_UNCHANGED);
    m.rootfs.read_only = true;
    refused(as_it_is);
    begin(SCRATCH_ROOTFS_UNCHANGED);
    m.rootfs.masked_paths = paths;
    m.rootfs.masked_path_count = 1;
    refused(as_it_is);
    begin(SCRATCH_ROOTFS_UNCHANGED);
    m.rootfs.devices = &device;
    m.rootfs.device_count = 1;
    refused(as_it_is);
    begin(SCRATCH_ROOTFS_UNCHANGED);
    m.rootfs.propagation = "shared";
    refused(as_it_is);
}

static void names_are_not_shown_in_it(void **state)
{
    static const struct scratch_network_host host = {"a", "10.1.2.3"};
    static struct scratch_network_options network = SCRATCH_NETWORK_OPTIONS_INIT;
    (void)state;
    begin(SCRATCH_ROOTFS_UNCHANGED);
    network.hosts = &host;
    network.host_count = 1;
    m.spec.network = &network;
    refused("the caller's files");
}

static void an_upper_directory_takes_the_writes_of_an_overlay(void **state)
{
    (void)state;
    begin(SCRATCH_ROOTFS_DIRECTORY);
    m.rootfs.upper = m.rootfs.work = "/tmp";
    refused("an overlay's");
    begin(SCRATCH_ROOTFS_HOST);
    m.rootfs.work = "/tmp";
    refused("an overlay's");
}

static void a_number_that_is_none_of_them_is_not_taken_for_one(void **state)
{
    (void)state;
    begin(SCRATCH_ROOTFS_HOST);
    m.rootfs.enter = SCRATCH_ROOTFS_UNMOUNTED + 1;
    refused("");
    begin(SCRATCH_ROOTFS_UNCHANGED);
    m.process.seccomp = SCRATCH_SECCOMP_PROFILE + 1;
    refused("");
}

static void a_filter_that_is_given_is_loaded(void **state)
{
    (void)state;
    begin(SCRATCH_ROOTFS_UNCHANGED);
    m.process.seccomp_profile = "/etc/profile.json";
    refused("another one asked for");
    begin(SCRATCH_ROOTFS_UNCHANGED);
    m.process.filter = "";
    m.process.filter_count = 1;
    refused("another one asked for");
}

TEST_MAIN(the_callers_own_root_is_not_changed, names_are_not_shown_in_it,
          an_upper_directory_takes_the_writes_of_an_overlay,
          a_number_that_is_none_of_them_is_not_taken_for_one, a_filter_that_is_given_is_loaded)
