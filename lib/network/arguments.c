/* SPDX-License-Identifier: MIT */
#include "network/arguments.h"
#include "network/compile.h"
#include "base/error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const struct network_program *arguments_program(enum scratch_network_program program)
{
    static const struct network_program programs[] = {
        [SCRATCH_NETWORK_NO_PROGRAM] = {"", "", false},
        [SCRATCH_NETWORK_PASTA] = {"pasta", "passt", true},
        [SCRATCH_NETWORK_SLIRP4NETNS] = {"slirp4netns", "slirp4netns", false},
    };
    return (size_t)program < sizeof programs / sizeof *programs ? &programs[program] : NULL;
}

void arguments_free(struct arguments *a)
{
    for (size_t i = 0; i < a->count; i++)
        free(a->command[i]);
    for (size_t i = 0; i < a->request_count; i++)
        free(a->requests[i]);
    free(a->command);
    free(a->requests);
}

/* False when there is no memory; the array always ends with NULL. */
__attribute__((format(printf, 2, 3))) static bool add(struct arguments *a, const char *format, ...)
{
    va_list values;
    char *text;
    if (a->count + 2 > a->room) {
        size_t room = a->room ? 2 * a->room : 32;
        char **command = realloc(a->command, room * sizeof *command);
        if (!command)
            return false;
        a->command = command;
        a->room = room;
    }
    va_start(values, format);
    int length = vasprintf(&text, format, values);
    va_end(values);
    if (length < 0)
        return false;
    a->command[a->count++] = text;
    a->command[a->count] = NULL;
    return true;
}

static bool add_all(struct arguments *a, const char *const *texts)
{
    bool added = true;
    for (; texts && *texts && added; texts++)
        added = add(a, "%s", *texts);
    return added;
}

/* ---- pasta(1) -------------------------------------------------------------------------------- */

/* "-t 127.0.0.1/8080:80"; with no port at all, "none": the default is all that are bound. */
static bool add_pasta_ports(struct arguments *a, const struct scratch_network_options *o, bool udp)
{
    const char *option = udp ? "--udp-ports" : "--tcp-ports";
    bool added = true, any = false;
    for (size_t i = 0; i < o->port_count && added; i++) {
        const struct scratch_network_port *port = &o->ports[i];
        if (port->udp != udp)
            continue;
        any = true;
        added = add(a, "%s", option) && add(a, "%s%s%u:%u", port->address ? port->address : "",
                                            port->address ? "/" : "", port->host, port->container);
    }
    return added && (any || (add(a, "%s", option) && add(a, "none")));
}

/*
 * In the foreground it writes its pid when the network is ready: to the file that is said, or to
 * one that is open. As root it would become "nobody", who may not enter the namespaces.
 */
static bool make_pasta(struct arguments *a, const struct scratch_network_options *o,
                       bool user_namespace)
{
    static const char *const options[] = {"pasta",
                                          "--config-net",
                                          "--foreground",
                                          "--quiet",
                                          "--pid",
                                          "/proc/self/fd/1",
                                          "--dns-forward",
                                          NETWORK_PASTA_DNS,
                                          "--tcp-ns",
                                          "none",
                                          "--udp-ns",
                                          "none",
                                          NULL};
    bool added = add_all(a, options);
    if (added && geteuid() == 0)
        added = add(a, "--runas") && add(a, "0:0");
    if (added && !o->host_loopback)
        added = add(a, "--no-map-gw");
    added = added && add_pasta_ports(a, o, false) && add_pasta_ports(a, o, true) &&
            add_all(a, o->arguments);
    if (added && user_namespace)
        added = add(a, "--userns") && add(a, NETWORK_USER_NS);
    return added && add(a, "--netns") &&
           add(a, user_namespace ? NETWORK_NET_NS : NETWORK_NET_INPUT);
}

/* ---- slirp4netns(1) -------------------------------------------------------------------------- */

/* Ports are asked for over a socket, one request each. */
static bool make_requests(struct arguments *a, const struct scratch_network_options *o)
{
    a->requests = calloc(o->port_count + 1, sizeof *a->requests);
    for (size_t i = 0; a->requests && i < o->port_count; i++) {
        const struct scratch_network_port *port = &o->ports[i];
        if (asprintf(&a->requests[i],
                     "{\"execute\": \"add_hostfwd\", \"arguments\": {\"proto\": \"%s\", "
                     "\"host_addr\": \"%s\", \"host_port\": %u, \"guest_port\": %u}}",
                     port->udp ? "udp" : "tcp", port->address ? port->address : "0.0.0.0",
                     port->host, port->container) < 0)
            return false;
        a->request_count++;
    }
    return a->requests != NULL;
}

static bool make_slirp(struct arguments *a, const struct scratch_network_options *o,
                       bool user_namespace, const char *state)
{
    static const char *const options[] = {"slirp4netns",      "--configure",      "--mtu=65520",
                                          "--enable-sandbox", "--enable-seccomp", NULL};
    (void)user_namespace; /* by the process's id it finds both namespaces */
    bool added = add_all(a, options) && add(a, "--ready-fd=%d", NETWORK_READY_FD);
    if (added && !o->host_loopback)
        added = add(a, "--disable-host-loopback");
    if (added && o->port_count)
        added = add(a, "--api-socket") && add(a, "%s%s", state, NETWORK_SOCKET);
    return added && add_all(a, o->arguments) && add(a, NETWORK_PID) && add(a, "tap0") &&
           make_requests(a, o);
}

int arguments_make(struct arguments *a, const struct scratch_network_options *o,
                   bool user_namespace, const char *state, struct scratch_error *err)
{
    bool made = o->program == SCRATCH_NETWORK_PASTA ? make_pasta(a, o, user_namespace)
                                                    : make_slirp(a, o, user_namespace, state);
    return made ? 0 : error_set(err, ENOMEM, "network program", NULL, NULL);
}
