/* SPDX-License-Identifier: MIT */
/*
 * The programs' command lines, and what is refused before there is one.
 */
#include "network/arguments.h"
#include "network/compile.h"
#include "support/test.h"

#include <errno.h>
#include <string.h>

static struct scratch_error err;

static struct scratch_network_options begin(enum scratch_network_program program)
{
    static const char *const more[] = {"--mtu", "1500", NULL};
    static const struct scratch_network_port ports[] = {
        {NULL, 8080, 80, false}, {"127.0.0.1", 5353, 53, true}, {"::1", 8443, 443, false}};
    struct scratch_network_options o = SCRATCH_NETWORK_OPTIONS_INIT;
    o.program = program;
    o.arguments = more;
    o.ports = ports;
    o.port_count = 3;
    return o;
}

/* True when the command line has these two words, one behind the other. */
static bool has(const struct arguments *a, const char *first, const char *second)
{
    for (size_t i = 0; i < a->count; i++)
        if (strcmp(a->command[i], first) == 0 &&
            (!second || (a->command[i + 1] && strcmp(a->command[i + 1], second) == 0)))
            return true;
    return false;
}

static void pasta_has_ports_among_its_options(void **state)
{
    struct scratch_network_options o = begin(SCRATCH_NETWORK_PASTA);
    struct arguments a = {0};
    (void)state;
    TEST_OK(arguments_make(&a, &o, true, "/state", &err), &err);
    assert_string_equal(a.command[0], "pasta");
    assert_null(a.command[a.count]);
    assert_true(has(&a, "--tcp-ports", "8080:80"));
    assert_true(has(&a, "--tcp-ports", "::1/8443:443"));
    assert_true(has(&a, "--udp-ports", "127.0.0.1/5353:53"));
    assert_false(has(&a, "--tcp-ports", "none"));
    assert_true(has(&a, "--tcp-ns", "none"));
    assert_true(has(&a, "--no-map-gw", NULL));
    assert_true(has(&a, "--mtu", "1500"));
    assert_true(has(&a, "--userns", NETWORK_USER_NS));
    assert_string_equal(a.command[a.count - 1], NETWORK_NET_NS);
    assert_int_equal(a.request_count, 0);
    arguments_free(&a);
}

static void pasta_forwards_nothing_by_itself(void **state)
{
    struct scratch_network_options o = SCRATCH_NETWORK_OPTIONS_INIT;
    struct arguments a = {0};
    (void)state;
    o.program = SCRATCH_NETWORK_PASTA;
    o.host_loopback = true;
    TEST_OK(arguments_make(&a, &o, false, "", &err), &err);
    assert_true(has(&a, "--tcp-ports", "none"));
    assert_true(has(&a, "--udp-ports", "none"));
    assert_false(has(&a, "--no-map-gw", NULL));
    assert_false(has(&a, "--userns", NULL));
    assert_true(has(&a, "--netns", NETWORK_NET_INPUT));
    arguments_free(&a);
}

static void slirp4netns_is_asked_for_ports(void **state)
{
    struct scratch_network_options o = begin(SCRATCH_NETWORK_SLIRP4NETNS);
    struct arguments a = {0};
    (void)state;
    TEST_OK(arguments_make(&a, &o, true, "/state", &err), &err);
    assert_true(has(&a, "--api-socket", "/state" NETWORK_SOCKET));
    assert_true(has(&a, "--disable-host-loopback", NULL));
    assert_true(has(&a, "--mtu", "1500"));
    assert_true(has(&a, NETWORK_PID, "tap0"));
    assert_int_equal(a.request_count, 3);
    assert_string_equal(a.requests[1],
                        "{\"execute\": \"add_hostfwd\", \"arguments\": {\"proto\": \"udp\", "
                        "\"host_addr\": \"127.0.0.1\", \"host_port\": 5353, \"guest_port\": 53}}");
    arguments_free(&a);
}

/* ---- what is refused ------------------------------------------------------------------------- */

static void refused(const struct scratch_network_options *o, uint64_t namespaces, const char *words)
{
    struct builder b;
    builder_begin(&b, &err);
    b.namespaces = namespaces;
    assert_int_equal(network_compile(&b, o, "/state"), -EINVAL);
    assert_true(strstr(err.cause, words) || strstr(err.hint, words));
    builder_free(&b);
}

static void what_cannot_be_is_refused(void **state)
{
    static const char *const names[] = {"example.org", NULL};
    static const struct scratch_network_port zero = {NULL, 0, 80, false};
    static const struct scratch_network_port quote = {"1.2.3.4\", \"", 80, 80, false};
    static const struct scratch_network_host host = {"two names", "192.0.2.1"};
    struct scratch_network_options o = begin(SCRATCH_NETWORK_PASTA);
    (void)state;
    refused(&o, 0, "not a new one");
    o.program = SCRATCH_NETWORK_NO_PROGRAM;
    refused(&o, SCRATCH_NS_NET, "no program");
    o.program = (enum scratch_network_program)17;
    refused(&o, SCRATCH_NS_NET, "enum scratch_network_program");
    o = begin(SCRATCH_NETWORK_SLIRP4NETNS);
    o.ports = &zero;
    o.port_count = 1;
    refused(&o, SCRATCH_NS_NET, "from 1 to 65535");
    o.ports = &quote;
    refused(&o, SCRATCH_NS_NET, "an address of the host's");
    o.port_count = 0;
    o.dns = names;
    refused(&o, SCRATCH_NS_NET, "give its address");
    o.dns = NULL;
    o.hosts = &host;
    o.host_count = 1;
    refused(&o, SCRATCH_NS_NET, "without blanks");
}

TEST_MAIN(pasta_has_ports_among_its_options, pasta_forwards_nothing_by_itself,
          slirp4netns_is_asked_for_ports, what_cannot_be_is_refused)
