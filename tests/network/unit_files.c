/* SPDX-License-Identifier: MIT */
/*
 * What a container has as resolv.conf and hosts; the host's own are whatever they are.
 */
#include "network/compile.h"
#include "support/test.h"

#include <string.h>

static struct scratch_network_options begin(enum scratch_network_program program)
{
    struct scratch_network_options o = SCRATCH_NETWORK_OPTIONS_INIT;
    o.program = program;
    return o;
}

static bool begins(const char *text, const char *with)
{
    return strncmp(text, with, strlen(with)) == 0;
}

static void the_programs_server_comes_first(void **state)
{
    struct scratch_network_options o = begin(SCRATCH_NETWORK_PASTA);
    (void)state;
    char *text = network_resolv_conf(&o, true);
    assert_true(begins(text, "nameserver 169.254.1.1\n"));
    assert_null(strstr(text, "nameserver 127."));
    free(text);
    o = begin(SCRATCH_NETWORK_SLIRP4NETNS);
    text = network_resolv_conf(&o, true);
    assert_true(begins(text, "nameserver 10.0.2.3\n"));
    free(text);
}

static unsigned count_servers(const char *text)
{
    unsigned count = 0;
    for (; (text = strstr(text, "nameserver ")); text++)
        count++;
    return count;
}

static void servers_that_are_named_are_the_only_ones(void **state)
{
    static const char *const dns[] = {"192.0.2.1", "192.0.2.2", NULL};
    struct scratch_network_options o = begin(SCRATCH_NETWORK_PASTA);
    (void)state;
    o.dns = dns;
    char *text = network_resolv_conf(&o, true);
    assert_true(begins(text, "nameserver 192.0.2.1\nnameserver 192.0.2.2\n"));
    assert_int_equal(count_servers(text), 2);
    free(text);
}

static void there_are_no_more_than_are_asked(void **state)
{
    struct scratch_network_options o = begin(SCRATCH_NETWORK_SLIRP4NETNS);
    (void)state;
    char *text = network_resolv_conf(&o, true);
    assert_in_range(count_servers(text), 1, 3);
    free(text);
}

static void hosts_are_added_to_those_of_the_root(void **state)
{
    static const struct scratch_network_host hosts[] = {{"db", "192.0.2.5"}, {"v6", "fd00::1"}};
    struct scratch_network_options o = begin(SCRATCH_NETWORK_NO_PROGRAM);
    (void)state;
    o.hosts = hosts;
    o.host_count = 2;
    char *text = network_hosts(&o, false);
    assert_string_equal(text, "127.0.0.1\tlocalhost\n"
                              "::1\tlocalhost ip6-localhost ip6-loopback\n"
                              "192.0.2.5\tdb\nfd00::1\tv6\n");
    free(text);
    text = network_hosts(&o, true);
    assert_non_null(strstr(text, "\n192.0.2.5\tdb\nfd00::1\tv6\n"));
    free(text);
}

TEST_MAIN(the_programs_server_comes_first, servers_that_are_named_are_the_only_ones,
          there_are_no_more_than_are_asked, hosts_are_added_to_those_of_the_root)
