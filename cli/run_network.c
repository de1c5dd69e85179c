/* SPDX-License-Identifier: MIT */
/*
 * The network of `scratchctl run`.
 */
#include "cli/run.h"
#include "cli/report.h"

#include <string.h>

static const char forms[] = "none, host, pasta, slirp4netns, or a path such as /run/netns/NAME";

/* "pasta:OPTION,OPTION": the arguments of the program, as podman writes them. */
static const char **split(struct pool *pool, const char *text)
{
    char *rest = pool_print(pool, "%s", text), *word;
    const char **words = pool_take(pool, strlen(text) + 2, sizeof *words);
    for (size_t i = 0; (word = strsep(&rest, ","));)
        if (*word)
            words[i++] = word;
    return words;
}

/* What is for libscratch to say rather than for the program is taken out of the arguments. */
static void take_host_loopback(struct run *run)
{
    static const char *const words[] = {"--map-gw", "allow_host_loopback=true"};
    size_t kept = 0;
    run->network.host_loopback = false;
    for (const char **word = run->network_arguments; *word; word++) {
        bool ours = strcmp(*word, words[0]) == 0 || strcmp(*word, words[1]) == 0;
        run->network.host_loopback = run->network.host_loopback || ours;
        if (!ours)
            run->network_arguments[kept++] = *word;
    }
    run->network_arguments[kept] = NULL;
}

/* "NAME" or "NAME:OPTIONS" */
static bool take_program(struct run *run, const char *value, const char *name,
                         enum scratch_network_program program)
{
    size_t length = strlen(name);
    if (strncmp(value, name, length) != 0 || (value[length] && value[length] != ':'))
        return false;
    run->network.program = program;
    run->network_arguments = split(&run->pool, value[length] ? value + length + 1 : "");
    take_host_loopback(run);
    run->network.arguments = run->network_arguments;
    run_choose_namespace(run, SCRATCH_NS_NET, true, NULL);
    return true;
}

int take_net(const struct option *option, void *target, const char *value,
             struct scratch_error *err)
{
    struct run *run = target;
    const char *path = strncmp(value, "ns:", 3) == 0 ? value + 3 : value;
    bool none = strcmp(value, "none") == 0, host = strcmp(value, "host") == 0;
    (void)option;
    run->network.program = SCRATCH_NETWORK_NO_PROGRAM;
    run->network.arguments = NULL;
    if (take_program(run, value, "pasta", SCRATCH_NETWORK_PASTA) ||
        take_program(run, value, "slirp4netns", SCRATCH_NETWORK_SLIRP4NETNS))
        return 0;
    if (!none && !host && !strchr(path, '/'))
        return usage_error(err, value, forms, "not a network");
    run_choose_namespace(run, SCRATCH_NS_NET, none, none || host ? NULL : path);
    return 0;
}

int take_publish(const struct option *option, void *target, const char *value,
                 struct scratch_error *err)
{
    struct run *run = target;
    struct scratch_network_port port, *ports;
    size_t had = run->network.port_count;
    unsigned count;
    (void)option;
    int rc = value_ports(&run->pool, value, &port, &count, err);
    if (rc < 0)
        return rc;
    ports = pool_take(&run->pool, had + count, sizeof *ports);
    if (had)
        memcpy(ports, run->network.ports, had * sizeof *ports);
    for (unsigned i = 0; i < count; i++, port.host++, port.container++)
        ports[had + i] = port;
    run->network.ports = ports;
    run->network.port_count = had + count;
    return 0;
}

int take_dns(const struct option *option, void *target, const char *value,
             struct scratch_error *err)
{
    struct run *run = target;
    (void)option;
    (void)err;
    run->dns[run->dns_count++] = value;
    return 0;
}

int take_add_host(const struct option *option, void *target, const char *value,
                  struct scratch_error *err)
{
    struct run *run = target;
    (void)option;
    return value_host(&run->pool, value, &run->hosts[run->network.host_count++], err);
}

void run_network_begin(struct run *run)
{
    run->network = (struct scratch_network_options)SCRATCH_NETWORK_OPTIONS_INIT;
    run->network.hosts = run->hosts = pool_take(&run->pool, run->room, sizeof *run->hosts);
    run->dns = pool_take(&run->pool, run->room + 1, sizeof *run->dns);
}

/* A network with nothing in it needs no name servers. */
void run_network_end(struct run *run)
{
    bool nothing = run->namespaces.create & SCRATCH_NS_NET &&
                   run->network.program == SCRATCH_NETWORK_NO_PROGRAM;
    run->network.resolver = !nothing;
    run->network.dns = run->dns_count ? run->dns : NULL;
    if (!nothing || run->dns_count || run->network.host_count || run->network.port_count)
        run->spec.network = &run->network;
}
