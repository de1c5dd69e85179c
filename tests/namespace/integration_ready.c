/* SPDX-License-Identifier: MIT */
/*
 * Pools of network namespaces.
 */
#include "support/rootfs.h"
#include "support/test.h"

#include <dirent.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

#define SIZE 3

static struct scratch_error err;

/* ip(8) is not in every root: the device's flags (IFF_UP | IFF_LOOPBACK), and its namespace. */
static const char script[] = "cat /sys/class/net/lo/flags; readlink /proc/self/ns/net";

struct start {
    struct scratch_spec spec;
    struct scratch_namespace_options namespaces;
    struct scratch_rootfs_options rootfs;
    struct scratch_process_options process;
    const char *argv[4];
};

static void begin(struct start *s, const scratch_namespace_pool *pool)
{
    *s = (struct start){SCRATCH_SPEC_INIT,
                        SCRATCH_NAMESPACE_OPTIONS_INIT,
                        SCRATCH_ROOTFS_OPTIONS_INIT,
                        SCRATCH_PROCESS_OPTIONS_INIT,
                        {"sh", "-c", script, NULL}};
    s->namespaces.pool = pool;
    s->rootfs.kind = SCRATCH_ROOTFS_DIRECTORY;
    s->rootfs.path = test_rootfs();
    s->process.argv = s->argv;
    s->spec.namespaces = &s->namespaces;
    s->spec.rootfs = &s->rootfs;
    s->spec.process = &s->process;
}

static scratch_namespace_pool *new_pool(void)
{
    scratch_namespace_pool *pool;
    if (!test_privileged())
        TEST_SKIP("a pool is for root");
    TEST_OK(scratch_namespace_pool_new(SIZE, &pool, &err), &err);
    int rc = scratch_namespace_pool_fill(pool, &err);
    TEST_OK(rc, &err);
    assert_int_equal(rc, SIZE);
    return pool;
}

static char *output(const scratch_namespace_pool *pool)
{
    struct start s;
    int status;
    begin(&s, pool);
    char *text = test_output(&s.spec, NULL, &status, &err);
    TEST_OK(status, &err);
    return text;
}

static unsigned open_files(void)
{
    unsigned count = 0;
    DIR *dir = opendir("/proc/self/fd");
    assert_non_null(dir);
    while (readdir(dir))
        count++;
    closedir(dir);
    return count;
}

static void every_start_has_its_own_with_loopback_up(void **state)
{
    char host[64] = "";
    (void)state;
    scratch_namespace_pool *pool = new_pool();
    assert_true(readlink("/proc/self/ns/net", host, sizeof host - 1) > 0);
    char *first = output(pool), *second = output(pool);
    assert_ptr_equal(strstr(first, "0x9\nnet:["), first);
    assert_ptr_equal(strstr(second, "0x9\nnet:["), second);
    assert_string_not_equal(first, second);
    assert_null(strstr(first, host));
    free(first);
    free(second);
    assert_int_equal(scratch_namespace_pool_fill(pool, &err), 2); /* what was taken */
    scratch_namespace_pool_free(pool);
}

static void an_empty_pool_is_no_error(void **state)
{
    scratch_namespace_pool *pool;
    (void)state;
    if (!test_privileged())
        TEST_SKIP("a pool is for root");
    TEST_OK(scratch_namespace_pool_new(1, &pool, &err), &err);
    char *text = output(pool);
    assert_ptr_equal(strstr(text, "0x9\nnet:["), text);
    free(text);
    scratch_namespace_pool_free(pool);
}

static void a_plan_outlives_the_pool(void **state)
{
    struct start s;
    scratch_plan *plan;
    scratch_container *container;
    (void)state;
    scratch_namespace_pool *pool = new_pool();
    begin(&s, pool);
    s.argv[2] = "true";
    TEST_OK(scratch_plan_compile(&s.spec, &plan, &err), &err);
    scratch_namespace_pool_free(pool);
    TEST_OK(scratch_plan_start(plan, NULL, &container, &err), &err);
    assert_int_equal(scratch_container_wait(container, &err), 0);
    scratch_container_free(container);
    scratch_plan_free(plan);
}

static void nothing_stays_open(void **state)
{
    (void)state;
    free(output(NULL)); /* what the C library opens once */
    unsigned before = open_files();
    scratch_namespace_pool *pool = new_pool();
    free(output(pool));
    scratch_namespace_pool_free(pool);
    assert_int_equal(open_files(), before);
}

static void what_cannot_be_is_said(void **state)
{
    scratch_namespace_pool *pool;
    scratch_plan *plan;
    struct start s;
    (void)state;
    assert_int_equal(scratch_namespace_pool_new(0, &pool, &err), -EINVAL);
    assert_int_equal(scratch_namespace_pool_new(SCRATCH_NAMESPACE_POOL_MAX + 1, &pool, &err),
                     -EINVAL);
    scratch_namespace_pool_free(NULL);
    TEST_OK(scratch_namespace_pool_new(1, &pool, &err), &err);
    begin(&s, pool);
    s.namespaces.create |= SCRATCH_NS_USER;
    assert_int_equal(scratch_plan_compile(&s.spec, &plan, &err), -EINVAL);
    assert_string_equal(err.what, "pool of network namespaces");
    begin(&s, pool);
    s.namespaces.create &= ~SCRATCH_NS_NET;
    assert_int_equal(scratch_plan_compile(&s.spec, &plan, &err), -EINVAL);
    assert_string_equal(err.what, "pool of network namespaces");
    scratch_namespace_pool_free(pool);
}

TEST_MAIN(every_start_has_its_own_with_loopback_up, an_empty_pool_is_no_error,
          a_plan_outlives_the_pool, nothing_stays_open, what_cannot_be_is_said)
