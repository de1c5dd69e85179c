/* SPDX-License-Identifier: MIT */
#include "base/file.h"
#include "base/sys.h"
#include "base/text.h"
#include "step/step.h"

#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/prctl.h>
#include <linux/seccomp.h>

#define SIGNAL_KILL  9
#define SIGNAL_COUNT 64
#define SIG_SETMASK_ 2 /* the kernel's SIG_SETMASK; <signal.h> defines libc's own types */

/* ---- limits and privileges ------------------------------------------------------------------ */

/* /proc is the caller's here, whose "self" is this process's pid in the namespace that it shows. */
int process_oom_score_step(struct step_walk *w, const struct step *step)
{
    return file_write(AT_FDCWD, "/proc/self/oom_score_adj", step_text(w, step->text[0]));
}

int process_hide_step(struct step_walk *w, const struct step *step)
{
    (void)w;
    (void)step;
    return sys_prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}

int process_rlimit_step(struct step_walk *w, const struct step *step)
{
    const uint64_t limit[2] = {step->num[1], step->num[2]};
    (void)w;
    return sys_prlimit((int)step->num[0], limit);
}

static int bounding_drop(int cap)
{
    int rc = sys_prctl(PR_CAPBSET_DROP, cap, 0, 0, 0);
    /* Without CAP_SETPCAP: what is not there need not be dropped. */
    return rc == -EPERM && sys_prctl(PR_CAPBSET_READ, cap, 0, 0, 0) != 1 ? 0 : rc;
}

int process_bounding_step(struct step_walk *w, const struct step *step)
{
    int rc = 0;
    (void)w;
    for (int cap = 0; cap < 64 && rc == 0; cap++)
        if (!(step->num[0] & (UINT64_C(1) << cap)))
            rc = bounding_drop(cap);
    return rc == -EINVAL ? 0 : rc; /* the kernel has no more */
}

/* The kernel says EINVAL of an id that is not mapped. */
static int note_id(struct step_walk *w, uint32_t id, int rc)
{
    if (rc == -EINVAL)
        w->item = id;
    return rc == -EINVAL ? step_detail(w, DETAIL_UNMAPPED, rc) : rc;
}

/* Of many it does not say which: tried one by one, the first that it refuses is. */
static int set_groups(struct step_walk *w, const uint32_t *group, uint32_t count)
{
    int rc = sys_setgroups(count, group);
    for (uint32_t i = 0; rc == -EINVAL && i < count; i++)
        if (sys_setgroups(1, &group[i]) == -EINVAL)
            return note_id(w, group[i], rc);
    return rc;
}

/* The kernel, when ids change, lets be looked at again what was hidden: fs.suid_dumpable says. */
static int become(struct step_walk *w, uint32_t uid, uint32_t gid)
{
    int rc = note_id(w, gid, sys_setresgid(gid, gid, gid));
    if (rc == 0)
        rc = note_id(w, uid, sys_setresuid(uid, uid, uid));
    return rc < 0 ? rc : sys_prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}

int process_ids_step(struct step_walk *w, const struct step *step)
{
    const struct step_user *found = step->text[1] ? w->user : NULL;
    bool keep_caps = step->num[2];
    bool keep_groups = step->num[3];
    const struct block_list *groups = step_list(w, step->text[0]);
    int rc = 0;
    if (keep_caps)
        rc = sys_prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0);
    if (rc == 0 && !keep_groups && found)
        rc = set_groups(w, found->group, found->group_count);
    else if (rc == 0 && !keep_groups) /* numbers, where other lists have offsets */
        rc = set_groups(w, groups ? groups->text : NULL, groups ? groups->count : 0);
    uint32_t uid = found ? found->uid : (uint32_t)step->num[0];
    uint32_t gid = found ? found->gid : (uint32_t)step->num[1];
    bool already = step->num[4] && w->began && w->began->uid == uid && w->began->gid == gid;
    return rc < 0 || already ? rc : become(w, uid, gid);
}

int process_capabilities_step(struct step_walk *w, const struct step *step)
{
    struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
    struct __user_cap_data_struct data[2];
    uint64_t permitted = step->num[0], inheritable = step->num[1], ambient = step->num[2];
    if (step->num[3] && w->user && w->user->uid != 0)
        permitted = ambient;
    uint64_t effective = permitted & ~step->num[4];
    for (int i = 0; i < 2; i++) {
        data[i].effective = (uint32_t)(effective >> (32 * i));
        data[i].permitted = (uint32_t)(permitted >> (32 * i));
        data[i].inheritable = (uint32_t)(inheritable >> (32 * i));
    }
    /* What is not inheritable leaves the ambient set by itself: cap_capset() in the kernel. */
    int rc = inheritable ? sys_prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) : 0;
    if (rc == 0)
        rc = (int)sys2(SYS_capset, (long)&header, (long)data);
    for (int cap = 0; rc == 0 && cap < 64; cap++)
        if (ambient & (UINT64_C(1) << cap))
            rc = sys_prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, cap, 0, 0);
    return rc;
}

int process_no_new_privs_step(struct step_walk *w, const struct step *step)
{
    (void)w;
    (void)step;
    return sys_prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
}

int process_seccomp_step(struct step_walk *w, const struct step *step)
{
    const void *filter = block_at(w->plan, step->text[0]);
    struct sock_fprog program = {(unsigned short)step->num[0], (struct sock_filter *)filter};
    /* With a listener, its fd. */
    return (int)sys3(SYS_seccomp, SECCOMP_SET_MODE_FILTER, (long)step->num[1], (long)&program);
}

/* A parent that ended before this is met when the exec is announced to it. */
int process_die_with_parent_step(struct step_walk *w, const struct step *step)
{
    (void)w;
    (void)step;
    return sys_prctl(PR_SET_PDEATHSIG, SIGNAL_KILL, 0, 0, 0);
}

/* ---- working directory ---------------------------------------------------------------------- */

/* A directory that is not below the root has a name that does not begin with '/'. */
static int check_inside(struct step_walk *w)
{
    char path[4096];
    ssize_t n = sys_getcwd(path, sizeof path);
    if (n < 0)
        return (int)n;
    return path[0] == '/' ? 0 : step_detail(w, DETAIL_OUTSIDE, -EACCES);
}

int process_chdir_step(struct step_walk *w, const struct step *step)
{
    const char *directory = step_text(w, step->text[0]);
    bool root = text_equal(directory, "/"); /* is below itself */
    if (step->num[0] == CHDIR_AGAIN && w->there)
        return 0;
    int rc = root && w->in_root ? 0 : sys_chdir(directory);
    if (rc == 0 && !root)
        rc = check_inside(w);
    if (step->num[0] != CHDIR_EARLY)
        return rc;
    w->there = rc == 0;
    return rc == -EACCES && w->detail == DETAIL_NONE ? 0 : rc;
}

/* ---- exec ----------------------------------------------------------------------------------- */

/* A list as execve(2) wants it: into an array that has room for it, and a NULL. */
static char **fill(char **vector, const void *block, const struct block_list *list)
{
    for (uint32_t i = 0; list && i < list->count; i++)
        *vector++ = (char *)block_at(block, list->text[i]);
    return vector;
}

/* True when the name of a is the name of b, in NAME=VALUE. */
static bool same_name(const char *a, const char *b)
{
    while (*a && *a == *b && *a != '=') {
        a++;
        b++;
    }
    return *a == '=' && *b == '=';
}

/* The start's variables take the place of the plan's that have the same name. */
static char **drop_replaced(char **vector, char **end, const struct step_walk *w)
{
    const struct block_list *extra = block_at(w->start, w->start->env);
    char **out = vector;
    for (char **in = vector; in < end; in++) {
        bool replaced = false;
        for (uint32_t i = 0; i < extra->count && !replaced; i++)
            replaced = same_name(*in, block_at(w->start, extra->text[i]));
        if (!replaced)
            *out++ = *in;
    }
    return out;
}

static uint32_t count_of(const struct block_list *list)
{
    return list ? list->count : 0;
}

/* Signals that the caller ignores would be ignored by the command too. */
static void reset_signals(const struct step_walk *w)
{
    static const uint64_t none;
    for (int signal = 1; w->start && signal <= SIGNAL_COUNT; signal++)
        if (w->start->signals & (UINT64_C(1) << (signal - 1)))
            sys_signal_default(signal);
    sys_sigprocmask(SIG_SETMASK_, &none, NULL);
}

/* The machine that an ELF file is for; 0: it is none, or cannot be read. */
static uint32_t machine_of(const char *path)
{
    unsigned char header[20]; /* e_ident, e_type, e_machine */
    int fd = sys_openat(AT_FDCWD, path, O_RDONLY, 0);
    ssize_t n = fd < 0 ? fd : sys_read(fd, header, sizeof header);
    if (fd >= 0)
        sys_close(fd);
    if (n != sizeof header || header[0] != 0x7f || header[1] != 'E' || header[2] != 'L')
        return 0;
    bool big_endian = header[5] == 2;
    return big_endian ? header[18] << 8 | header[19] : header[19] << 8 | header[18];
}

/* ENOENT of a file that exists is about its interpreter. */
static int explain_exec(struct step_walk *w, const char *path, int rc)
{
    if (rc == -ENOENT && sys_faccessat(AT_FDCWD, path, 0) == 0)
        return step_detail(w, DETAIL_INTERPRETER, rc);
    if (rc == -ENOEXEC) {
        w->item = machine_of(path);
        return step_detail(w, w->item ? DETAIL_MACHINE : DETAIL_NOT_A_PROGRAM, rc);
    }
    return step_detail(w, DETAIL_COMMAND, rc);
}

/* Look in each directory of PATH, as execvp(3) does, but do not run what is not a program as sh. */
static int exec_in_path(struct step_walk *w, const char *path, char **argv, char **env)
{
    char file[4096];
    int result = -ENOENT;
    while (path) {
        const char *end = text_find(path, ':');
        size_t at = 0;
        for (const char *p = path; *p && p != end && at + 1 < sizeof file; p++)
            file[at++] = *p;
        at = text_append(file, sizeof file, at, at ? "/" : "./");
        at = text_append(file, sizeof file, at, argv[0]);
        path = end ? end + 1 : NULL;
        if (at >= sizeof file)
            continue;
        int rc = sys_execve(file, argv, env);
        if (rc == -EACCES)
            result = rc;
        else if (rc != -ENOTDIR && (rc != -ENOENT || sys_faccessat(AT_FDCWD, file, 0) == 0))
            return explain_exec(w, file, rc);
    }
    return step_detail(w, DETAIL_COMMAND, result);
}

/* A file that somebody may execute; the kernel says EACCES of a directory, too. */
static int is_program(const char *path)
{
    struct statx st;
    int rc = sys_statx(AT_FDCWD, path, 0, STATX_TYPE | STATX_MODE, &st);
    if (rc < 0)
        return rc;
    bool regular = (st.stx_mode & 0170000) == 0100000;
    return regular && st.stx_mode & 0111 ? 0 : -EACCES;
}

/* HOME is the user's, unless the environment has one. There is room for it. */
static void put_home(const struct step_walk *w, char **env)
{
    if (!*w->user->home)
        return;
    for (; *env; env++)
        if (text_begins(*env, "HOME="))
            return;
    env[0] = w->user->home;
    env[1] = NULL;
}

/* The command is looked up in its own PATH; without one, where execvp(3) would look. */
static const char *search_path(char *const *env)
{
    for (; *env; env++)
        if (text_begins(*env, "PATH="))
            return *env + 5;
    return "/bin:/usr/bin";
}

/*
 * Each file has a higher number than the one that it gets, so the first come first. The socket may
 * be where one of them goes: it is still needed when the exec fails.
 */
static int hand_over(struct step_walk *w)
{
    int count = w->start ? (int)w->start->handed : 0;
    if (count == 0)
        return 0;
    int socket = sys_fcntl(w->socket, F_DUPFD_CLOEXEC, 3 + count);
    if (socket < 0)
        return socket;
    w->socket = socket;
    int rc = 0;
    for (int i = 0; i < count && rc >= 0; i++)
        rc = sys_dup3(w->handed + i, 3 + i, 0);
    return rc < 0 ? rc : 0;
}

#define FEW 64 /* words and variables that need no memory of their own */
/* As exec_in_path(), but nothing is run. */
static int find_in_path(const char *path, const char *name)
{
    char file[4096];
    int result = -ENOENT;
    while (path) {
        const char *end = text_find(path, ':');
        size_t at = 0;
        for (const char *p = path; *p && p != end && at + 1 < sizeof file; p++)
            file[at++] = *p;
        at = text_append(file, sizeof file, at, at ? "/" : "./");
        at = text_append(file, sizeof file, at, name);
        path = end ? end + 1 : NULL;
        int rc = at >= sizeof file ? -ENOENT : is_program(file);
        if (rc == 0)
            return 0;
        if (rc == -EACCES)
            result = rc;
    }
    return result;
}

static const char *path_of(const struct step_walk *w, const struct block_list *env)
{
    for (uint32_t i = 0; env && i < env->count; i++) {
        const char *variable = block_at(w->plan, env->text[i]);
        if (text_begins(variable, "PATH="))
            return variable + 5;
    }
    return "/bin:/usr/bin";
}

/* A relative path begins at a working directory that is not the command's yet. */
int process_look_up_step(struct step_walk *w, const struct step *step)
{
    const struct block_list *arguments = step_list(w, step->text[0]);
    const char *name = block_at(w->plan, arguments->text[0]);
    int rc = 0;
    if (*name == '/')
        rc = is_program(name);
    else if (!text_find(name, '/'))
        rc = find_in_path(path_of(w, step_list(w, step->text[1])), name);
    return step_detail(w, DETAIL_COMMAND, rc);
}

/* When it cannot be loaded, its own step has failed. */
static int load_late_filter(struct step_walk *w)
{
    uint32_t exec = w->index;
    if (!w->late_filter)
        return 0;
    w->index = w->late_filter;
    int rc = w->load_filter(w, step_at(w->plan, w->index));
    if (rc == 0)
        w->index = exec;
    return rc;
}

int process_exec_step(struct step_walk *w, const struct step *step)
{
    const struct block_list *arguments = step_list(w, step->text[0]);
    const struct block_list *variables = step_list(w, step->text[1]);
    const struct block_list *extra = NULL;
    if (count_of(arguments) == 0)
        return -EINVAL;
    if (w->start && w->start->env)
        extra = block_at(w->start, w->start->env);
    size_t count = 3 + count_of(arguments) + count_of(variables) + count_of(extra);
    char *few[FEW], **argv = few;
    if (count > FEW) {
        void *many = sys_map_anew(count * sizeof *argv);
        if (sys_failed(many))
            return (int)(long)many;
        argv = w->words = many;
        w->words_size = count * sizeof *argv;
    }
    for (size_t i = 0; i < count && argv == few; i++)
        few[i] = NULL;
    char **env = fill(argv, w->plan, arguments) + 1; /* all is zero: there is the NULL */
    char **end = fill(env, w->plan, variables);
    if (extra)
        *fill(drop_replaced(env, end, w), w->start, extra) = NULL;
    if (step->num[1] && w->user)
        put_home(w, env);

    int rc = hand_over(w);
    if (rc < 0)
        return rc;
    sys_umask((unsigned)step->num[0]);
    reset_signals(w);
    rc = load_late_filter(w);
    if (rc < 0)
        return rc;
    if (text_find(argv[0], '/'))
        return explain_exec(w, argv[0], sys_execve(argv[0], argv, env));
    return exec_in_path(w, search_path(env), argv, env);
}
