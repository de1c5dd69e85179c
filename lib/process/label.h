/* SPDX-License-Identifier: MIT */
#ifndef PROCESS_LABEL_H
#define PROCESS_LABEL_H

/* The longest label of a security module that can be asked for. */
#define LABEL_MAX 512

#endif
