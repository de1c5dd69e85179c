/* SPDX-License-Identifier: MIT */
/* The built scratch-init, as data of the library. INIT_IMAGE is its path in the build tree. */
    .section .rodata
    .balign 64
    .global init_image
    .hidden init_image
init_image:
    .incbin INIT_IMAGE
    .global init_image_end
    .hidden init_image_end
init_image_end:
    .section .note.GNU-stack,"",%progbits
