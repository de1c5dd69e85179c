/* SPDX-License-Identifier: MIT */
/*
 * /etc/hosts of a container's own.
 */
#include "support/rootfs.h"
#include "support/test.h"

#include <stdio.h>

#define HOSTS 3000

static void a_long_list_is_there_to_its_end(void **state)
{
    static struct scratch_network_host host[HOSTS];
    static char name[HOSTS][64];
    const char *const argv[] = {"/bin/sh", "-c", "grep -c '^10.1.2.3' /etc/hosts", NULL};
    struct scratch_spec spec = SCRATCH_SPEC_INIT;
    struct scratch_rootfs_options rootfs = SCRATCH_ROOTFS_OPTIONS_INIT;
    struct scratch_process_options process = SCRATCH_PROCESS_OPTIONS_INIT;
    struct scratch_network_options network = SCRATCH_NETWORK_OPTIONS_INIT;
    struct scratch_error err;
    int status;
    (void)state;
    for (int i = 0; i < HOSTS; i++) {
        snprintf(name[i], sizeof name[i], "a-host-whose-name-has-the-number-%d.example.org", i);
        host[i] = (struct scratch_network_host){name[i], "10.1.2.3"};
    }
    network.hosts = host;
    network.host_count = HOSTS;
    rootfs.kind = SCRATCH_ROOTFS_DIRECTORY;
    rootfs.path = test_rootfs();
    rootfs.throw_away = true;
    process.argv = argv;
    spec.rootfs = &rootfs;
    spec.process = &process;
    spec.network = &network;
    char *text = test_output(&spec, NULL, &status, &err);
    TEST_OK(status, &err);
    assert_string_equal(text, "3000\n");
    free(text);
}

TEST_MAIN(a_long_list_is_there_to_its_end)
