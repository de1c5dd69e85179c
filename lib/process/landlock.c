/* SPDX-License-Identifier: MIT */
#include "process/landlock.h"
#include "base/open.h"
#include "base/sys.h"
#include "step/step.h"

/* linux/landlock.h of the oldest headers that we build with has no ports. */
struct ruleset {
    uint64_t fs, net;
};
struct path_rule {
    uint64_t access;
    int32_t fd;
} __attribute__((packed));

enum rule_type {
    RULE_PATH = 1,
    RULE_PORT = 2,
};

static int add_rule(int ruleset, enum rule_type type, const void *rule)
{
    return (int)sys4(SYS_landlock_add_rule, ruleset, type, (long)rule, 0);
}

static int add_path(int ruleset, int root, const char *path, uint64_t access)
{
    struct statx st;
    struct path_rule rule = {access, root_open(root, path, O_PATH, 0)};
    if (rule.fd < 0)
        return rule.fd;
    int rc = sys_statx(rule.fd, "", AT_EMPTY_PATH, STATX_TYPE, &st);
    if (rc == 0 && (st.stx_mode & 0170000) != 0040000)
        rule.access &= LANDLOCK_FS_OF_FILES;
    if (rc == 0)
        rc = add_rule(ruleset, RULE_PATH, &rule);
    sys_close(rule.fd);
    return rc;
}

static int add_paths(struct step_walk *w, const struct step *step, int ruleset)
{
    const struct block_list *paths = step_list(w, step->text[0]);
    const uint64_t *access = step->text[1] ? block_at(w->plan, step->text[1]) : NULL;
    int root = sys_openat(AT_FDCWD, "/", O_PATH | O_DIRECTORY, 0);
    int rc = root < 0 ? root : 0;
    for (uint32_t i = 0; paths && access && i < paths->count && rc == 0; i++) {
        w->item = i;
        rc = step_detail(w, DETAIL_PATH,
                         add_path(ruleset, root, block_at(w->plan, paths->text[i]), access[i]));
    }
    if (root >= 0)
        sys_close(root);
    return rc;
}

static int add_ports(struct step_walk *w, const struct step *step, int ruleset)
{
    const struct landlock_port *port = block_at(w->plan, step->text[2]);
    int rc = 0;
    for (uint64_t i = 0; i < step->num[2] && rc == 0; i++)
        rc = add_rule(ruleset, RULE_PORT, &port[i]);
    return rc;
}

int process_landlock_step(struct step_walk *w, const struct step *step)
{
    const struct ruleset handled = {step->num[0], step->num[1]};
    int ruleset = (int)sys3(SYS_landlock_create_ruleset, (long)&handled, sizeof handled, 0);
    if (ruleset < 0)
        return ruleset;
    int rc = add_paths(w, step, ruleset);
    if (rc == 0)
        rc = add_ports(w, step, ruleset);
    if (rc == 0)
        rc = (int)sys2(SYS_landlock_restrict_self, ruleset, 0);
    sys_close(ruleset);
    return rc;
}
