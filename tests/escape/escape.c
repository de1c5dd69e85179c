/* SPDX-License-Identifier: MIT */
#include "escape.h"
#include "init/init.h"
#include "plan/image.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

extern const unsigned char attack_image[], attack_image_end[];

/* ---- what a start executes ------------------------------------------------------------------ */

static const unsigned char *weak;
static size_t weak_size;
static const char *host_file;

bool escape_has_memfd(void)
{
    int fd = memfd_create("test", MFD_CLOEXEC);
    if (fd >= 0)
        close(fd);
    return fd >= 0;
}

void escape_weaken(const unsigned char *image, size_t size)
{
    if (!escape_has_memfd())
        TEST_SKIP("the weaker scratch-init needs memfd_create(2), which is refused here");
    weak = image;
    weak_size = size;
}

void escape_use_file(const char *path)
{
    host_file = path;
}

void escape_strengthen(void)
{
    weak = NULL;
    host_file = NULL;
}

static void write_at(int fd, const void *data, size_t size, off_t offset)
{
    assert_int_equal(pwrite(fd, data, size, offset), size);
}

static void write_image(int fd, const struct plan_block *plan, const struct start_block *start)
{
    if (weak)
        write_at(fd, weak, weak_size, 0);
    else
        write_at(fd, init_image, INIT_PLAN_OFFSET, 0);
    write_at(fd, plan, plan->size, INIT_PLAN_OFFSET);
    write_at(fd, start, start->size, INIT_PLAN_OFFSET + init_start_offset(plan->size));
}

static int image_in_file(const struct plan_block *plan, const struct start_block *start)
{
    int fd = open(host_file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0755);
    if (fd >= 0) {
        write_image(fd, plan, start);
        close(fd);
    }
    return open(host_file, O_RDONLY | O_CLOEXEC);
}

int __real_image_make(const struct plan_block *plan, const struct start_block *start);
int __wrap_image_make(const struct plan_block *plan, const struct start_block *start);
int __wrap_image_make(const struct plan_block *plan, const struct start_block *start)
{
    if (host_file)
        return image_in_file(plan, start);
    if (!weak)
        return __real_image_make(plan, start);
    int fd = memfd_create("weak-init", MFD_CLOEXEC);
    assert_true(fd >= 0);
    write_image(fd, plan, start);
    return fd;
}

/* ---- containers ----------------------------------------------------------------------------- */

const char *escape_root(void)
{
    const char *root = test_rootfs_new();
    char path[512];
    snprintf(path, sizeof path, "%s/attack", root);
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0755);
    assert_true(fd >= 0 && fchmod(fd, 0755) == 0);
    write_at(fd, attack_image, (size_t)(attack_image_end - attack_image), 0);
    close(fd);
    return root;
}

void escape_begin(struct escape *e, const char *root, const char *attack, ...)
{
    size_t count = 0;
    va_list arguments;
    *e = (struct escape){
        .spec = SCRATCH_SPEC_INIT,
        .namespaces = SCRATCH_NAMESPACE_OPTIONS_INIT,
        .rootfs = SCRATCH_ROOTFS_OPTIONS_INIT,
        .process = SCRATCH_PROCESS_OPTIONS_INIT,
        .start = SCRATCH_START_OPTIONS_INIT,
    };
    e->argv[count++] = "/attack";
    va_start(arguments, attack);
    for (const char *next = attack; next; next = va_arg(arguments, const char *)) {
        assert_true(count + 1 < sizeof e->argv / sizeof *e->argv);
        e->argv[count++] = next;
    }
    va_end(arguments);
    e->rootfs.kind = SCRATCH_ROOTFS_DIRECTORY;
    e->rootfs.path = root;
    e->process.argv = e->argv;
    e->spec.namespaces = &e->namespaces;
    e->spec.rootfs = &e->rootfs;
    e->spec.process = &e->process;
    e->spec.mounts = e->mounts;
}

static int start(struct escape *e, scratch_container **container)
{
    scratch_plan *plan;
    *container = NULL;
    TEST_OK(scratch_plan_compile(&e->spec, &plan, &e->err), &e->err);
    if (e->edit)
        e->edit(plan);
    int rc = scratch_plan_start(plan, &e->start, container, &e->err);
    scratch_plan_free(plan);
    return rc;
}

int escape_run(struct escape *e)
{
    scratch_container *container;
    size_t size = 0;
    int ends[2];
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    e->start.stdout_fd = ends[1];
    int rc = start(e, &container);
    close(ends[1]);
    for (ssize_t n = 1; n > 0 && size + 1 < sizeof e->output; size += n > 0 ? (size_t)n : 0)
        n = read(ends[0], e->output + size, sizeof e->output - 1 - size);
    e->output[size] = '\0';
    close(ends[0]);
    return rc < 0 ? rc : escape_end(container);
}

scratch_container *escape_start(struct escape *e)
{
    scratch_container *container;
    TEST_OK(start(e, &container), &e->err);
    return container;
}

int escape_end(scratch_container *container)
{
    struct scratch_error err;
    int status = scratch_container_wait(container, &err);
    scratch_container_free(container);
    TEST_OK(status, &err);
    return status;
}

struct step *escape_step(struct scratch_plan *plan, enum step_kind kind)
{
    for (uint32_t i = 0; i < plan->block->step_count; i++) {
        const struct step *step = step_at(plan->block, i);
        if (step->kind == kind)
            return (struct step *)(uintptr_t)step;
    }
    fail_msg("the plan has no step of kind %d", kind);
    return NULL;
}

const char *escape_secret(const char **directory)
{
    const char *outside = test_directory();
    if (directory)
        *directory = outside;
    return test_make_file(outside, "secret", ESCAPE_SECRET);
}
