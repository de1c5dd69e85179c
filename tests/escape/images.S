/* SPDX-License-Identifier: MIT */
/* The programs that the tests carry: the attacks, the audit and its document, the weaker scratch-inits. */
    .macro image name, path
    .balign 64
    .global \name
\name:
    .incbin "\path"
    .global \name\()_end
\name\()_end:
    .endm

    .section .rodata
    image attack_image, ATTACK_IMAGE
    image audit_image, AUDIT_IMAGE
    image security_text, SECURITY_TEXT
    image weak_chdir, WEAK_CHDIR
    image weak_open, WEAK_OPEN
    image weak_slow, WEAK_SLOW
    image weak_traceable, WEAK_TRACEABLE
    .section .note.GNU-stack,"",%progbits
