/* SPDX-License-Identifier: MIT */
/*
 * The options that stand before a command: those that container engines give to an OCI runtime.
 */
#ifndef CLI_GLOBALS_H
#define CLI_GLOBALS_H

#include <stdbool.h>

struct globals {
    const char *root;           /* the directory of records; NULL: the default */
    const char *log;            /* errors go there too */
    bool log_json;              /* and are JSON objects */
    bool systemd;               /* systemd makes the control groups */
    bool no_cgroup;             /* no control groups are made */
    bool debug, rootless, criu; /* taken, and nothing follows: what they ask for is found out */
};

/* As they have been typed. */
extern struct globals globals;

#endif
