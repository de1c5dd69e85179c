/* SPDX-License-Identifier: MIT */
/*
 * A JSON document (RFC 8259) as a list of tokens, which jsmn makes. The first token is the
 * document; one that holds others is followed by them, an object's members by name and value.
 */
#ifndef BASE_JSON_PARSE_H
#define BASE_JSON_PARSE_H

#include <stddef.h>
#include <stdint.h>

#define JSMN_HEADER /* its functions are compiled in json_parse.c */
#define JSMN_PARENT_LINKS
#include <jsmn.h>

struct json_document {
    jsmntok_t *tokens;
    uint32_t *after; /* for each token: that of what stands behind it and all that is in it */
    uint32_t count;
    char *text;    /* as it was read, and a NUL */
    char *decoded; /* a string is here where it is there, without escapes, and ended by a NUL */
    char *shown;   /* room for as much */
};

/* Why a text is no document, and where. */
struct json_fault {
    const char *cause;
    size_t at;
};

/* 0; -EINVAL and the fault; -EFBIG; -ENOMEM. The document has a copy of the text. */
int json_parse(const char *text, size_t size, struct json_document **document,
               struct json_fault *fault);
void json_forget(struct json_document *document);

#endif
