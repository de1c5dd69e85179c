/* SPDX-License-Identifier: MIT */
#include "cli/values.h"
#include "cli/report.h"

#include <stdio.h>
#include <string.h>

static const char form[] =
    "write [IP:]HOSTPORT:CONTAINERPORT[/udp], such as 8080:80, or 8000-8010:9000-9010";

static int read_port(const char *text, uint16_t *port, struct scratch_error *err)
{
    uint64_t number;
    int rc = value_number(text, 1, UINT16_MAX, &number, err);
    *port = rc < 0 ? 0 : (uint16_t)number;
    return rc;
}

/* "8000", or "8000-8010" */
static int read_range(struct pool *pool, const char *text, uint16_t *first, unsigned *count,
                      struct scratch_error *err)
{
    char *from = pool_print(pool, "%s", text), *to = strchr(from, '-');
    uint16_t last;
    *count = 1;
    if (to)
        *to++ = '\0';
    int rc = read_port(from, first, err);
    if (rc < 0 || !to)
        return rc;
    rc = read_port(to, &last, err);
    if (rc == 0 && last < *first)
        rc = usage_error(err, text, form, "the range '%s' ends before it begins", text);
    *count = rc < 0 ? 0 : (unsigned)(last - *first) + 1;
    return rc;
}

/* "/tcp" or "/udp" at the end is cut off. */
static int take_protocol(char *text, bool *udp, struct scratch_error *err)
{
    char *slash = strchr(text, '/');
    *udp = slash && strcmp(slash, "/udp") == 0;
    if (slash && !*udp && strcmp(slash, "/tcp") != 0)
        return usage_error(err, text, form, "'%s' is neither tcp nor udp", slash + 1);
    if (slash)
        *slash = '\0';
    return 0;
}

/* "127.0.0.1:" or "[::1]:" before the ports. */
static char *take_address(char *ports, const char **address)
{
    char *last = strrchr(ports, ':');
    *address = NULL;
    if (!last)
        return ports;
    *last = '\0';
    char *before = strrchr(ports, ':');
    *last = ':';
    if (!before)
        return ports;
    *before = '\0';
    if (ports[0] == '[' && before[-1] == ']') {
        before[-1] = '\0';
        ports++;
    }
    *address = *ports ? ports : NULL;
    return before + 1;
}

int value_ports(struct pool *pool, const char *text, struct scratch_network_port *port,
                unsigned *count, struct scratch_error *err)
{
    unsigned inside;
    char *ports = pool_print(pool, "%s", text);
    int rc = take_protocol(ports, &port->udp, err);
    if (rc < 0)
        return rc;
    ports = take_address(ports, &port->address);
    char *colon = strchr(ports, ':');
    if (!colon)
        return usage_error(err, text, form, "the container's port is missing");
    *colon = '\0';
    rc = read_range(pool, ports, &port->host, count, err);
    if (rc == 0)
        rc = read_range(pool, colon + 1, &port->container, &inside, err);
    if (rc == 0 && inside != *count)
        rc = usage_error(err, text, form, "%u ports of the host cannot lead to %u inside", *count,
                         inside);
    if (rc < 0)
        snprintf(err->hint, sizeof err->hint, "%s", form);
    return rc;
}

int value_host(struct pool *pool, const char *text, struct scratch_network_host *host,
               struct scratch_error *err)
{
    char *name = pool_print(pool, "%s", text);
    char *colon = strchr(name, ':');
    if (!colon || colon == name || !colon[1])
        return usage_error(err, text, "write NAME:IP, such as db:10.0.0.5",
                           "not a name and an address");
    *colon = '\0';
    *host = (struct scratch_network_host){name, colon + 1};
    return 0;
}
