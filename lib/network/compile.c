/* SPDX-License-Identifier: MIT */
#include "network/compile.h"
#include "network/arguments.h"

#include <arpa/inet.h>
#include <errno.h>
#include <scratch/namespace.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- checks ---------------------------------------------------------------------------------- */

static bool is_address(const char *text)
{
    unsigned char bytes[sizeof(struct in6_addr)];
    return text && (inet_pton(AF_INET, text, bytes) == 1 || inet_pton(AF_INET6, text, bytes) == 1);
}

static int check_port(struct builder *b, const struct scratch_network_port *port)
{
    char text[32];
    snprintf(text, sizeof text, "%u:%u", port->host, port->container);
    if (!port->host || !port->container)
        return error_set(b->err, EINVAL, "port", text, "give numbers from 1 to 65535");
    if (port->address && !is_address(port->address))
        return error_set(b->err, EINVAL, "address of a port", port->address,
                         "give an address of the host's, such as 127.0.0.1");
    return 0;
}

/* A name with a blank in it would be two. */
static bool is_host_name(const char *name)
{
    return name && *name && name[strcspn(name, " \t\n#")] == '\0';
}

static int check_lists(struct builder *b, const struct scratch_network_options *o)
{
    for (const char *const *dns = o->dns; dns && *dns; dns++)
        if (!is_address(*dns))
            return error_set(b->err, EINVAL, "name server", *dns, "give its address");
    for (size_t i = 0; i < o->host_count; i++) {
        if (!is_address(o->hosts[i].address))
            return error_set(b->err, EINVAL, "address of a host", o->hosts[i].address,
                             "give an IPv4 or IPv6 address");
        if (!is_host_name(o->hosts[i].name))
            return error_set(b->err, EINVAL, "name of a host", o->hosts[i].name,
                             "give a name without blanks");
    }
    return 0;
}

static int check(struct builder *b, const struct scratch_network_options *o)
{
    bool program = o->program != SCRATCH_NETWORK_NO_PROGRAM;
    if (!arguments_program(o->program))
        return error_set(b->err, EINVAL, "network program", NULL,
                         "use one of enum scratch_network_program");
    if (program && !(b->namespaces & SCRATCH_NS_NET))
        return error_because(b->err, EINVAL, "network program", arguments_program(o->program)->name,
                             "the network namespace is not a new one",
                             "add SCRATCH_NS_NET to create, or use no program");
    if (!program && o->port_count)
        return error_because(b->err, EINVAL, "ports", NULL, "there is no program to hand them on",
                             "use pasta or slirp4netns: --net pasta");
    int rc = check_lists(b, o);
    for (size_t i = 0; i < o->port_count && rc == 0; i++)
        rc = check_port(b, &o->ports[i]);
    return rc;
}

/* ---- steps ----------------------------------------------------------------------------------- */

/* The longest name of a device: IFNAMSIZ, without its NUL. */
#define DEVICE_NAME 15

static int check_device(struct builder *b, const char *name)
{
    static const char what[] = "network device";
    size_t length = name ? strlen(name) : 0;
    bool name_is_one = length > 0 && length <= DEVICE_NAME && strcmp(name, ".") != 0 &&
                       strcmp(name, "..") != 0 && !name[strcspn(name, "/: \t\n")];
    if (!name_is_one)
        return error_set(b->err, EINVAL, what, name,
                         "give a name of 1 to 15 characters, without '/', ':' and blanks");
    if (!((b->namespaces | b->joined) & SCRATCH_NS_NET))
        return error_because(b->err, EINVAL, what, name,
                             "the container has the caller's network namespace",
                             "make a new one, or leave the device out");
    return 0;
}

/* When the namespaces are there. */
static int put_devices(struct builder *b, const struct scratch_network_options *o)
{
    int rc = 0;
    for (size_t i = 0; i < o->device_count && rc == 0; i++) {
        const struct scratch_network_device *device = &o->devices[i];
        const char *inside = device->inside ? device->inside : device->name;
        rc = check_device(b, device->name);
        if (rc == 0)
            rc = check_device(b, inside);
        if (rc < 0)
            break;
        if (i == 0)
            builder_add(b, STEP_MEET, STEP_CONTAINER);
        uint32_t outer = builder_text(b, device->name), inner = builder_text(b, inside);
        struct step *step = builder_add(b, STEP_NET_DEVICE, STEP_HOST);
        step->text[0] = outer;
        step->text[1] = inner;
    }
    return rc;
}

int network_compile(struct builder *b, const struct scratch_network_options *o, const char *state)
{
    struct arguments a = {0};
    int rc = check(b, o);
    if (rc == 0)
        rc = put_devices(b, o);
    if (rc < 0 || o->program == SCRATCH_NETWORK_NO_PROGRAM)
        return rc;
    rc = arguments_make(&a, o, b->user_namespace, state, b->err);
    if (rc == 0) {
        const struct network_program *program = arguments_program(o->program);
        uint32_t command = builder_list(b, (const char *const *)a.command, BLOCK_TO_NULL);
        uint32_t requests = builder_list(b, (const char *const *)a.requests, a.request_count);
        uint32_t name = builder_text(b, program->name), package = builder_text(b, program->package);
        builder_add(b, STEP_MEET, STEP_CONTAINER);
        struct step *step = builder_add(b, STEP_NETWORK, STEP_HOST);
        step->text[0] = command;
        step->text[1] = name;
        step->text[2] = package;
        step->text[3] = requests;
        step->num[0] = program->ready_on_output;
        step->num[1] = o->program == SCRATCH_NETWORK_PASTA && !b->user_namespace;
    }
    arguments_free(&a);
    return rc;
}

static void put_file(struct builder *b, const char *path, char *contents, uint8_t flags)
{
    if (!contents) {
        b->block.failed = -ENOMEM;
        return;
    }
    uint32_t path_text = builder_text(b, path), contents_text = builder_text(b, contents);
    struct step *step = builder_add(b, STEP_FILE, STEP_CONTAINER);
    step->text[0] = path_text;
    step->text[1] = contents_text;
    step->flags = flags;
    free(contents);
}

/*
 * A root on which no resolv.conf can be made has to do without, unless servers were named; and so
 * has the caller's own, which nothing is mounted in.
 */
int network_compile_files(struct builder *b, const struct scratch_network_options *o,
                          enum scratch_rootfs_kind root)
{
    if (root == SCRATCH_ROOTFS_UNCHANGED && (o->dns || o->host_count))
        return error_because(b->err, EINVAL, "names of the network", NULL,
                             "the caller's own root has the caller's files",
                             "give the container a root of its own, or leave out dns and hosts");
    if (root == SCRATCH_ROOTFS_UNCHANGED)
        return 0;
    if (o->resolver || o->dns)
        put_file(b, "/etc/resolv.conf",
                 network_resolv_conf(o, (b->namespaces | b->joined) & SCRATCH_NS_NET),
                 o->dns ? 0 : STEP_BEST_EFFORT);
    if (o->host_count)
        put_file(b, "/etc/hosts", network_hosts(o, root == SCRATCH_ROOTFS_HOST), 0);
    return 0;
}
