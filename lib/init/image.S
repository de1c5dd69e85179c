/* SPDX-License-Identifier: MIT */
/* The built scratch-init, as data of the library. INIT_IMAGE is its path in the build tree. */
#include "init/init.h"

    .section .rodata
    .balign 64
    .global init_image
    .hidden init_image
init_image:
    .incbin INIT_IMAGE
    .org init_image + INIT_PLAN_OFFSET /* an error, when it is longer */
    .section .note.GNU-stack,"",%progbits
