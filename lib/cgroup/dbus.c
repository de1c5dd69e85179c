/* SPDX-License-Identifier: MIT */
#include "cgroup/dbus.h"
#include "base/connection.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define ANSWER_MS 25000 /* as long as D-Bus libraries wait */

/* Kinds of messages, and codes of header fields. */
enum { METHOD_CALL = 1, METHOD_RETURN = 2, ERROR = 3 };
enum { FIELD_PATH = 1, FIELD_INTERFACE = 2, FIELD_MEMBER = 3, FIELD_SIGNATURE = 8 };

/* ---- writing --------------------------------------------------------------------------------- */

void dbus_begin(struct dbus_message *m)
{
    memset(m, 0, sizeof *m);
}

static void put(struct dbus_message *m, const void *data, size_t size)
{
    if (size > sizeof m->data - m->length) {
        m->full = true;
        return;
    }
    memcpy(m->data + m->length, data, size);
    m->length += size;
}

void dbus_align(struct dbus_message *m, size_t to)
{
    static const uint8_t zero[8];
    put(m, zero, (to - m->length % to) % to);
}

/* In this machine's byte order: the first byte of a message says which. */
void dbus_put_u32(struct dbus_message *m, uint32_t number)
{
    dbus_align(m, 4);
    put(m, &number, sizeof number);
}

void dbus_put_u64(struct dbus_message *m, uint64_t number)
{
    dbus_align(m, 8);
    put(m, &number, sizeof number);
}

void dbus_put_string(struct dbus_message *m, const char *text)
{
    dbus_put_u32(m, (uint32_t)strlen(text));
    put(m, text, strlen(text) + 1);
}

void dbus_put_signature(struct dbus_message *m, const char *signature)
{
    uint8_t length = (uint8_t)strlen(signature);
    put(m, &length, 1);
    put(m, signature, length + 1U);
}

size_t dbus_open_array(struct dbus_message *m, size_t alignment)
{
    dbus_put_u32(m, 0);
    size_t begin = m->length;
    dbus_align(m, alignment);
    return begin;
}

/* The padding before the first member does not count. */
void dbus_close_array(struct dbus_message *m, size_t begin, size_t alignment)
{
    size_t first = (begin + alignment - 1) / alignment * alignment;
    uint32_t length = (uint32_t)(m->length > first ? m->length - first : 0);
    if (!m->full)
        memcpy(m->data + begin - 4, &length, sizeof length);
}

static void put_field(struct dbus_message *m, uint8_t code, const char *type, const char *text)
{
    dbus_align(m, 8);
    put(m, &code, 1);
    dbus_put_signature(m, type);
    if (*type == 'g')
        dbus_put_signature(m, text);
    else
        dbus_put_string(m, text);
}

static void put_header(struct dbus_message *m, const struct dbus_call *call, size_t body)
{
    static const uint16_t one = 1;
    const uint8_t little = *(const uint8_t *)&one;
    const uint8_t begin[] = {little ? 'l' : 'B', METHOD_CALL, 0, 1};
    put(m, begin, sizeof begin);
    dbus_put_u32(m, (uint32_t)body);
    dbus_put_u32(m, 1); /* the first and only message */
    size_t fields = dbus_open_array(m, 8);
    put_field(m, FIELD_PATH, "o", call->path);
    put_field(m, FIELD_INTERFACE, "s", call->interface);
    put_field(m, FIELD_MEMBER, "s", call->member);
    put_field(m, FIELD_SIGNATURE, "g", call->signature);
    dbus_close_array(m, fields, 8);
    dbus_align(m, 8);
}

/* ---- the connection -------------------------------------------------------------------------- */

static int receive(int fd, void *data, size_t size)
{
    char *at = data;
    while (size > 0) {
        struct pollfd answer = {fd, POLLIN, 0};
        int ready = poll(&answer, 1, ANSWER_MS);
        if (ready == 0)
            return -ETIMEDOUT;
        ssize_t n = ready < 0 ? -1 : recv(fd, at, size, 0);
        if (n == 0)
            return -ECONNRESET;
        if (n < 0 && errno != EINTR)
            return -errno;
        at += n > 0 ? n : 0;
        size -= n > 0 ? (size_t)n : 0;
    }
    return 0;
}

/* The kernel says who we are; "AUTH EXTERNAL" wants our uid in hexadecimal digits of its text. */
static int authenticate(int fd)
{
    char uid[16], line[96] = "", answer[256] = "";
    size_t at = 0;
    snprintf(uid, sizeof uid, "%u", (unsigned)geteuid());
    at += (size_t)snprintf(line, sizeof line, "%cAUTH EXTERNAL ", '\0');
    for (const char *c = uid; *c; c++)
        at += (size_t)snprintf(line + at, sizeof line - at, "%02x", (unsigned)*c);
    at += (size_t)snprintf(line + at, sizeof line - at, "\r\n");
    int rc = connection_send(fd, line, at);
    for (size_t n = 0; rc == 0; n++) {
        if (n + 1 >= sizeof answer)
            return -EPROTO;
        rc = receive(fd, answer + n, 1);
        answer[n + 1] = '\0';
        if (rc == 0 && answer[n] == '\n')
            break;
    }
    if (rc == 0 && strncmp(answer, "OK ", 3) != 0)
        rc = -EACCES;
    return rc < 0 ? rc : connection_send(fd, "BEGIN\r\n", 7);
}

/* ---- the answer ------------------------------------------------------------------------------ */

/* The fixed part of a message, whose fields follow, and then its body. */
struct header {
    uint8_t order, type, flags, version;
    uint32_t body, serial, fields;
};

/* An error's body is a string. */
static int read_answer(int fd, const struct header *h, char *said, size_t size)
{
    char data[4096];
    size_t fields = ((size_t)h->fields + 7) / 8 * 8;
    if (fields > sizeof data || h->body > sizeof data)
        return -EPROTO;
    int rc = receive(fd, data, fields);
    if (rc == 0)
        rc = receive(fd, data, h->body);
    if (rc < 0 || h->type != ERROR)
        return rc;
    if (h->body > 5)
        snprintf(said, size, "%.*s", (int)(h->body - 5), data + 4);
    return -EREMOTEIO;
}

/* Signals may come in between. */
static int wait_for_answer(int fd, char *said, size_t size)
{
    for (;;) {
        struct header h = {0};
        int rc = receive(fd, &h, sizeof h);
        if (rc == 0)
            rc = read_answer(fd, &h, said, size);
        if (rc < 0 || h.type == METHOD_RETURN)
            return rc;
    }
}

int dbus_call(const char *socket, const struct dbus_call *call, const struct dbus_message *body,
              char *said, size_t said_size)
{
    struct dbus_message header;
    dbus_begin(&header);
    put_header(&header, call, body->length);
    if (header.full || body->full)
        return -EMSGSIZE;
    int fd = connection_open(socket);
    int rc = fd < 0 ? fd : authenticate(fd);
    if (rc == 0)
        rc = connection_send(fd, header.data, header.length);
    if (rc == 0)
        rc = connection_send(fd, body->data, body->length);
    if (rc == 0)
        rc = wait_for_answer(fd, said, said_size);
    if (fd >= 0)
        close(fd);
    return rc;
}
