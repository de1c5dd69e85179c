/* SPDX-License-Identifier: MIT */
#include "base/lazy.h"

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
