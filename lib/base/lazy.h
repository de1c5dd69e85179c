/* SPDX-License-Identifier: MIT */
/*
 * Libraries that most runs do not call are loaded when they are first called: each costs 0.05 to
 * 0.35 ms at the start of every program that links it, and a container takes 1.4.
 *
 * Each library has one file here or in its room that wraps it; LAZY_NOTE there tells packagers of
 * it, in the format of https://systemd.io/ELF_DLOPEN_METADATA/.
 */
#ifndef BASE_LAZY_H
#define BASE_LAZY_H

#include <stdbool.h>
#include <stddef.h>
#include <scratch/error.h>

struct lazy_symbol {
    const char *name;
    void **address;
};

struct lazy_library {
    const char *soname;
    bool loaded;
    const struct lazy_symbol *symbols;
    size_t symbol_count;
};

/* A function of the library, called through a pointer of its own type: LAZY(mnt_new_table) */
#define LAZY(function)                                                                             \
    {                                                                                              \
#function, (void **)&lazy_##function                                                       \
    }

/*
 * Load a library and look up its symbols, once. 0, or -ENOSYS. Thread-safe.
 *
 * A static program cannot load any: there it becomes its dynamic twin, and begins anew
 * (base/lazy_exec.c).
 */
int lazy_load(struct lazy_library *library);

/*
 * Where that is, defined by each static program: in a directory that is named from the program's
 * own one, which holds wherever the two are installed together; and where they were meant to be.
 */
extern const char lazy_twin_beside[], lazy_twin[];

/* From here on something has been started, which a program that begins anew would lose. */
void lazy_seal(void);

/* Say that a library is missing, by its name, and what to do about it. Returns -ENOSYS. */
int lazy_missing(struct scratch_error *err, const char *what, const char *subject,
                 const char *library, const char *hint);

#define LAZY_NOTE(feature, description, soname)                                                    \
    LAZY_NOTE_("[{\"feature\":\"" feature "\",\"description\":\"" description                      \
               "\",\"priority\":\"recommended\",\"soname\":[\"" soname "\"]}]")
#define LAZY_NOTE_(json)                                                                           \
    __attribute__((used, aligned(4), section(".note.dlopen"))) static const struct {               \
        unsigned name_size, text_size, type;                                                       \
        char name[4];                                                                              \
        char text[(sizeof(json) + 3) & ~3ul];                                                      \
    } lazy_note = {4, sizeof(json), 0x407c0c0a, "FDO", json}

#endif
