/* SPDX-License-Identifier: MIT */
#include "base/lazy.h"
#include "base/error.h"

#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static int load(struct lazy_library *library)
{
    void *handle = dlopen(library->soname, RTLD_NOW | RTLD_LOCAL);
    if (!handle)
        return -ENOSYS;
    for (size_t i = 0; i < library->symbol_count; i++) {
        void *address = dlsym(handle, library->symbols[i].name);
        if (!address) {
            dlclose(handle);
            return -ENOSYS;
        }
        *library->symbols[i].address = address;
    }
    library->loaded = true; /* and stays so: nothing says when its last user is done */
    return 0;
}

int lazy_load(struct lazy_library *library)
{
    pthread_mutex_lock(&lock);
    int rc = library->loaded ? 0 : load(library);
    pthread_mutex_unlock(&lock);
    return rc;
}

void lazy_seal(void)
{
}

int lazy_missing(struct scratch_error *err, const char *what, const char *subject,
                 const char *library, const char *hint)
{
    error_set(err, ENOSYS, what, subject, hint);
    if (err)
        error_write(err->cause, "%s is not installed", library);
    return -ENOSYS;
}
