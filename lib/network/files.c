/* SPDX-License-Identifier: MIT */
/*
 * What a container has as /etc/resolv.conf and /etc/hosts: resolv.conf(5), hosts(5).
 */
#include "network/compile.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LINE 1024

/* As many name servers as the C libraries ask (MAXNS). */
#define SERVERS_MAX 3

/* ---- resolv.conf ----------------------------------------------------------------------------- */

/* "nameserver ADDRESS": the address, or NULL. */
static const char *server_of(const char *line)
{
    static const char word[] = "nameserver";
    size_t n = sizeof word - 1;
    if (strncmp(line, word, n) != 0 || (line[n] != ' ' && line[n] != '\t'))
        return NULL;
    return line + n + strspn(line + n, " \t");
}

static bool is_loopback(const char *address)
{
    return strncmp(address, "127.", 4) == 0 || strncmp(address, "::1", 3) == 0;
}

static bool has_server_elsewhere(FILE *in)
{
    char line[LINE];
    bool found = false;
    while (!found && fgets(line, sizeof line, in)) {
        const char *server = server_of(line);
        found = server && !is_loopback(server);
    }
    rewind(in);
    return found;
}

/* The host's; where it names a server of its own on 127.0.0.53, systemd-resolved's for others. */
static FILE *open_hosts(bool own)
{
    FILE *in = fopen("/etc/resolv.conf", "re");
    if (!own || !in || has_server_elsewhere(in))
        return in;
    FILE *other = fopen("/run/systemd/resolve/resolv.conf", "re");
    if (other)
        fclose(in);
    return other ? other : in;
}

static unsigned write_servers(FILE *out, const struct scratch_network_options *o)
{
    static const char *const own[] = {
        [SCRATCH_NETWORK_NO_PROGRAM] = NULL,
        [SCRATCH_NETWORK_PASTA] = NETWORK_PASTA_DNS,
        [SCRATCH_NETWORK_SLIRP4NETNS] = NETWORK_SLIRP_DNS,
    };
    unsigned count = 0;
    for (const char *const *dns = o->dns; dns && *dns; dns++, count++)
        fprintf(out, "nameserver %s\n", *dns);
    if (!o->dns && own[o->program]) {
        fprintf(out, "nameserver %s\n", own[o->program]);
        count++;
    }
    return count;
}

/* Its servers, where none was named, and all else that is not a comment: search, options. */
static void copy_hosts(FILE *out, FILE *in, const struct scratch_network_options *o, bool own,
                       unsigned count)
{
    char line[LINE];
    while (fgets(line, sizeof line, in)) {
        const char *server = server_of(line);
        if (strchr("#;\n", line[0]))
            continue;
        if (server && (o->dns || count >= SERVERS_MAX || (own && is_loopback(server))))
            continue;
        count += server != NULL;
        fputs(line, out);
    }
}

char *network_resolv_conf(const struct scratch_network_options *o, bool own)
{
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    if (!out)
        return NULL;
    FILE *in = open_hosts(own);
    unsigned count = write_servers(out, o);
    if (in) {
        copy_hosts(out, in, o, own, count);
        fclose(in);
    }
    if (fclose(out) == 0)
        return text;
    free(text);
    return NULL;
}

/* ---- hosts ----------------------------------------------------------------------------------- */

static void write_standard(FILE *out)
{
    fputs("127.0.0.1\tlocalhost\n"
          "::1\tlocalhost ip6-localhost ip6-loopback\n",
          out);
}

static void copy(FILE *out, FILE *in)
{
    char line[LINE];
    bool ended = true;
    while (fgets(line, sizeof line, in)) {
        fputs(line, out);
        ended = strchr(line, '\n') != NULL;
    }
    if (!ended)
        fputc('\n', out);
}

char *network_hosts(const struct scratch_network_options *o, bool hosts_root)
{
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size), *in = hosts_root ? fopen("/etc/hosts", "re") : NULL;
    if (out && in)
        copy(out, in);
    else if (out)
        write_standard(out);
    if (in)
        fclose(in);
    for (size_t i = 0; out && i < o->host_count; i++)
        fprintf(out, "%s\t%s\n", o->hosts[i].address, o->hosts[i].name);
    if (out && fclose(out) == 0)
        return text;
    free(text);
    return NULL;
}
