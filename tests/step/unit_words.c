/* SPDX-License-Identifier: MIT */
#include "support/test.h"
#include "step/builder.h"
#include "step/words.h"

#include <linux/mount.h>
#include <string.h>

struct plan {
    struct builder b;
    struct step_walk w;
};

static void finish(struct plan *p)
{
    assert_int_equal(builder_finish(&p->b), 0);
    p->w = (struct step_walk){.plan = (struct plan_block *)p->b.block.data, .fd = p->b.fd};
}

static void add(struct plan *p, enum step_kind kind, const char *first, const char *second)
{
    uint32_t one = builder_text(&p->b, first), two = builder_text(&p->b, second);
    struct step *step = builder_add(&p->b, kind, STEP_HOST);
    step->text[0] = one;
    step->text[1] = two;
}

static struct step *last(struct plan *p)
{
    return &p->b.steps[p->b.step_count - 1];
}

typedef void writer(FILE *, const char *, const struct step_walk *, const struct step *);

static void assert_written(struct plan *p, uint32_t index, writer *write, const char *template,
                           const char *want)
{
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    assert_non_null(out);
    write(out, template, &p->w, step_at(p->w.plan, index));
    fclose(out);
    assert_string_equal(text, want);
    free(text);
}

static void assert_shell(struct plan *p, uint32_t index, const char *want)
{
    const struct step *step = step_at(p->w.plan, index);
    assert_written(p, index, step_write_shell, step_words(step->kind)->shell, want);
}

static void limits_and_joins_name_their_group(void **state)
{
    struct plan p;
    (void)state;
    builder_begin(&p.b, NULL);
    add(&p, STEP_CGROUP_MAKE, "/sys/fs/cgroup/my pids", NULL);
    last(&p)->text[1] = SLOT_TEXT(SLOT_ID);
    last(&p)->fd[0] = 3;
    add(&p, STEP_CGROUP_SET, "cpu.max", "50000 100000");
    last(&p)->fd[0] = 3;
    add(&p, STEP_CGROUP_JOIN, NULL, NULL);
    last(&p)->fd[0] = 3;
    add(&p, STEP_CGROUP_JOIN, NULL, NULL);
    last(&p)->fd[0] = 4;
    add(&p, STEP_CLONE, NULL, NULL);
    last(&p)->num[0] = SCRATCH_NS_PID;
    last(&p)->fd[0] = 3;
    finish(&p);
    assert_shell(&p, 4,
                 "echo 0 > '/sys/fs/cgroup/my pids'/libscratch-ID/cgroup.procs; "
                 "exec unshare --fork --pid sh");
    assert_shell(&p, 0, "mkdir '/sys/fs/cgroup/my pids'/libscratch-ID");
    assert_shell(&p, 1, "echo '50000 100000' > '/sys/fs/cgroup/my pids'/libscratch-ID/cpu.max");
    assert_shell(&p, 2, "echo 0 > '/sys/fs/cgroup/my pids'/libscratch-ID/tasks");
    assert_shell(&p, 3, "echo 0 > GROUP/tasks");
    builder_free(&p.b);
}

static void paths_are_below_the_new_root_until_it_is_entered(void **state)
{
    struct plan p;
    (void)state;
    builder_begin(&p.b, NULL);
    add(&p, STEP_LINK, "a", "/before");
    add(&p, STEP_ROOT_BIND, "/srv", NULL);
    add(&p, STEP_LINK, "it's", "/with a blank");
    add(&p, STEP_PIVOT_ROOT, NULL, NULL);
    add(&p, STEP_LINK, "a", "/after");
    finish(&p);
    assert_shell(&p, 0, "ln -s a /before");
    assert_shell(&p, 2, "ln -s 'it'\\''s' /mnt'/with a blank'");
    assert_shell(&p, 4, "ln -s a /after");
    builder_free(&p.b);
}

static void a_recursive_bind_is_read_only_to_its_last_submount(void **state)
{
    struct plan p;
    (void)state;
    builder_begin(&p.b, NULL);
    add(&p, STEP_BIND, "/srv/web", "/data");
    last(&p)->num[0] = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID;
    last(&p)->num[2] = 1;
    add(&p, STEP_BIND, "/srv/web", "/data");
    finish(&p);
    assert_shell(&p, 0,
                 "mount --rbind /srv/web /data; for m in $(findmnt -Rrno TARGET /data); "
                 "do mount -o remount,bind,ro,nosuid $m; done");
    assert_shell(&p, 1, "mount --bind /srv/web /data");
    builder_free(&p.b);
}

static void capabilities_are_written_for_setpriv(void **state)
{
    static const uint64_t sets[] = {0, 1 << 5, 1 << 5 | 1, UINT64_MAX >> 1, UINT64_C(1) << 62};
    struct plan p;
    (void)state;
    builder_begin(&p.b, NULL);
    for (size_t i = 0; i < sizeof sets / sizeof *sets; i++) {
        add(&p, STEP_BOUNDING, NULL, NULL);
        last(&p)->num[0] = sets[i];
    }
    finish(&p);
    assert_shell(&p, 0, "exec setpriv --bounding-set -all sh");
    assert_shell(&p, 1, "exec setpriv --bounding-set -all,+kill sh");
    assert_shell(&p, 2, "exec setpriv --bounding-set -all,+chown,+kill sh");
    assert_shell(&p, 3, "exec setpriv --bounding-set +all sh");
    assert_shell(&p, 4, "exec setpriv --bounding-set -all,+cap_62 sh");
    assert_written(&p, 2, step_write, "{capabilities}", "chown, kill");
    assert_written(&p, 3, step_write, "{capabilities}", "all");
    builder_free(&p.b);
}

static void limits_may_be_none(void **state)
{
    struct plan p;
    (void)state;
    builder_begin(&p.b, NULL);
    add(&p, STEP_RLIMIT, NULL, NULL);
    last(&p)->num[0] = 7; /* RLIMIT_NOFILE */
    last(&p)->num[1] = 64;
    last(&p)->num[2] = UINT64_MAX;
    finish(&p);
    assert_shell(&p, 0, "prlimit --pid $$ --nofile=64:unlimited");
    builder_free(&p.b);
}

static void conditions_nest(void **state)
{
    struct plan p;
    (void)state;
    builder_begin(&p.b, NULL);
    add(&p, STEP_IDS, NULL, NULL);
    last(&p)->num[0] = 7;
    finish(&p);
    assert_written(&p, 0, step_write, "{uid?{gid?both|only {uid}}|none}.", "only 7.");
    assert_written(&p, 0, step_write, "{gid?{uid?x|y}}{step}", "1");
    assert_written(&p, 0, step_write, "{uid?{gid?{uid}|{uid?{uid}{uid}}}}", "77");
    builder_free(&p.b);
}

static void people_see_the_first_of_many(void **state)
{
    static const char *const paths[] = {"/a", "/b\n", "/c", "/d", "/e"};
    struct plan p;
    (void)state;
    builder_begin(&p.b, NULL);
    for (uint32_t count = 0; count <= 5; count++) {
        uint32_t list = builder_list(&p.b, paths, count);
        builder_add(&p.b, STEP_MASK, STEP_CONTAINER)->text[0] = list;
    }
    finish(&p);
    assert_written(&p, 0, step_write, "{paths}", "");
    assert_written(&p, 2, step_write, "{paths}", "/a, /b\\n");
    assert_written(&p, 4, step_write, "{paths}", "/a, /b\\n, /c, /d");
    assert_written(&p, 5, step_write, "{paths}", "/a, /b\\n, /c and 2 more");
    assert_written(&p, 5, step_write_shell, "{paths}", "/a $'/b\\n' /c /d /e");
    builder_free(&p.b);
}

TEST_MAIN(limits_and_joins_name_their_group, paths_are_below_the_new_root_until_it_is_entered,
          a_recursive_bind_is_read_only_to_its_last_submount, capabilities_are_written_for_setpriv,
          limits_may_be_none, conditions_nest, people_see_the_first_of_many)
