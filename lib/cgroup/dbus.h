/* SPDX-License-Identifier: MIT */
/*
 * As much of D-Bus as one method call needs: the D-Bus specification, "Message Protocol".
 *
 * systemd listens on a socket of its own (/run/systemd/private, and one in each user's runtime
 * directory), where the other end is systemd itself: no bus has to run, and none be asked for a
 * name. A library for this one call would be loaded into every caller.
 */
#ifndef CGROUP_DBUS_H
#define CGROUP_DBUS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A message in the making. What does not fit is noted, and the call is -EMSGSIZE. */
struct dbus_message {
    uint8_t data[4096];
    size_t length;
    bool full;
};

void dbus_begin(struct dbus_message *m);
void dbus_align(struct dbus_message *m, size_t to);
void dbus_put_u32(struct dbus_message *m, uint32_t number);
void dbus_put_u64(struct dbus_message *m, uint64_t number);
void dbus_put_string(struct dbus_message *m, const char *text);
void dbus_put_signature(struct dbus_message *m, const char *signature);

/* An array begins with its length, which is filled in at its end. alignment: of its members. */
size_t dbus_open_array(struct dbus_message *m, size_t alignment);
void dbus_close_array(struct dbus_message *m, size_t begin, size_t alignment);

/* A method of systemd's manager object. */
struct dbus_call {
    const char *path, *interface, *member, *signature;
};

/*
 * Connect, call, wait for the answer. 0; -EREMOTEIO: it has refused, and why is in said; -errno.
 */
int dbus_call(const char *socket, const struct dbus_call *call, const struct dbus_message *body,
              char *said, size_t said_size);

#endif
