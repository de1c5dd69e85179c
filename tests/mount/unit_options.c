/* SPDX-License-Identifier: MIT */
#include "support/test.h"
#include "mount/options.h"

#include <errno.h>
#include <linux/mount.h>
#include <string.h>

struct good {
    const char *text;
    uint64_t set, clear, propagation;
    bool bind, recursive, make, best_effort;
    const char *data;
};

#define RO     MOUNT_ATTR_RDONLY
#define SAFE   (MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC)
#define ATIMES MOUNT_ATTR__ATIME

static const struct good good[] = {
    {NULL, 0, 0, 0, false, false, false, false, NULL},
    {"", 0, 0, 0, false, false, false, false, NULL},
    {"defaults", 0, 0, 0, false, false, false, false, NULL},
    {"ro,nosuid,nodev,noexec", RO | SAFE, 0, 0, false, false, false, false, NULL},
    {"rw,suid,dev,exec", 0, RO | SAFE, 0, false, false, false, false, NULL},
    {"ro,rw", 0, RO, 0, false, false, false, false, NULL},
    {"rw,ro", RO, 0, 0, false, false, false, false, NULL},
    {"noatime", MOUNT_ATTR_NOATIME, ATIMES, 0, false, false, false, false, NULL},
    {"noatime,strictatime", MOUNT_ATTR_STRICTATIME, ATIMES, 0, false, false, false, false, NULL},
    {"noatime,relatime", 0, ATIMES, 0, false, false, false, false, NULL},
    {"nodiratime", MOUNT_ATTR_NODIRATIME, 0, 0, false, false, false, false, NULL},
    {"bind", 0, 0, 0, true, false, false, false, NULL},
    {"rbind,ro", RO, 0, 0, true, true, false, false, NULL},
    {"rbind,rslave", 0, 0, MOUNT_SLAVE | MOUNT_REC, true, true, false, false, NULL},
    {"shared", 0, 0, MOUNT_SHARED, false, false, false, false, NULL},
    {"runbindable", 0, 0, MOUNT_UNBINDABLE | MOUNT_REC, false, false, false, false, NULL},
    {"size=64m,nosuid,mode=1777", MOUNT_ATTR_NOSUID, 0, 0, false, false, false, false,
     "size=64m,mode=1777"},
    {"X-mount.mkdir,nofail", 0, 0, 0, false, false, true, true, NULL},
    {"ro,,X-mount.mkdir,uid=3", RO, 0, 0, false, false, true, false, "uid=3"},
    {"context=\"a:b:c0,c1\",ro", RO, 0, 0, false, false, false, false, "context=\"a:b:c0,c1\""},
    {"whatever,key=value", 0, 0, 0, false, false, false, false, "whatever,key=value"},
};

static void known_words_are_read(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        struct mount_options o;
        struct scratch_error err;
        TEST_OK(mount_options_read(good[i].text, &o, &err), &err);
        assert_int_equal(o.set, good[i].set);
        assert_int_equal(o.clear, good[i].clear);
        assert_int_equal(o.propagation, good[i].propagation);
        assert_int_equal(o.bind, good[i].bind);
        assert_int_equal(o.recursive, good[i].recursive);
        assert_int_equal(o.make, good[i].make);
        assert_int_equal(o.best_effort, good[i].best_effort);
        if (good[i].data)
            assert_string_equal(o.data, good[i].data);
        else
            assert_null(o.data);
        mount_options_free(&o);
    }
}

static void words_of_engines_are_not_the_file_systems(void **state)
{
    static const struct {
        const char *text, *data;
        bool read_only, copy_up, own;
        char label;
    } rows[] = {
        {"rbind,rro", NULL, true, false, false, 0},
        {"bind,U,z", NULL, false, false, true, 'z'},
        {"U,Z,Z,ro", NULL, true, false, true, 'Z'},
        {"size=1m,tmpcopyup,mode=700", "size=1m,mode=700", false, true, false, 0},
        {"tmpcopyup,notmpcopyup", NULL, false, false, false, 0},
        {"u,zz,Uid=3", "u,zz,Uid=3", false, false, false, 0},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct mount_options o;
        struct scratch_error err;
        TEST_OK(mount_options_read(rows[i].text, &o, &err), &err);
        assert_int_equal(!!(o.set & RO), rows[i].read_only);
        assert_int_equal(o.copy_up, rows[i].copy_up);
        assert_int_equal(o.own, rows[i].own);
        assert_int_equal(o.label, rows[i].label);
        if (rows[i].data)
            assert_string_equal(o.data, rows[i].data);
        else
            assert_null(o.data);
        mount_options_free(&o);
    }
}

static const struct bad {
    const char *text, *sentence;
} bad[] = {
    {"ro,noauto", "mount options 'noauto': EINVAL: this is an option of mount(8) or a helper, not "
                  "of the kernel (leave it out; X-mount.mkdir and nofail are known)"},
    {"_netdev", "mount options '_netdev': EINVAL: this is an option of mount(8) or a helper, not "
                "of the kernel (leave it out; X-mount.mkdir and nofail are known)"},
    {"loop=/dev/loop3",
     "mount options 'loop=/dev/loop3': EINVAL: this is an option of mount(8) or a helper, not of "
     "the kernel (leave it out; X-mount.mkdir and nofail are known)"},
    {"rbind,X-mount.idmap=0:1000:1",
     "mount options 'X-mount.idmap=0:1000:1': EINVAL: this is an option of mount(8) or a helper, "
     "not of the kernel (leave it out; X-mount.mkdir and nofail are known)"},
    {"x-systemd.automount",
     "mount options 'x-systemd.automount': EINVAL: this is an option of mount(8) or a helper, not "
     "of the kernel (leave it out; X-mount.mkdir and nofail are known)"},
    {"X-mount.mkdir=0700", "mount options 'X-mount.mkdir=0700': EINVAL: a mode cannot be given "
                           "(what is made has the mode 0755)"},
    {"rbind,ro=recursive",
     "mount options 'ro=recursive': EINVAL: this option takes no value (on an rbind, ro and the "
     "others hold for all submounts already)"},
    {"rslave=1", "mount options 'rslave=1': EINVAL: this option takes no value (on an rbind, ro "
                 "and the others hold for all submounts already)"},
    {"remount,ro", "mount options 'remount': EINVAL: libscratch does not set this option (leave "
                   "it out)"},
    {"sync", "mount options 'sync': EINVAL: libscratch does not set this option (leave it out)"},
    {"rw,rro", "mount options 'rro': EINVAL: rw and rro contradict each other (give one)"},
    {"z,Z", "mount options 'Z': EINVAL: z and Z contradict each other (z: shared by containers; Z: "
            "for this one alone)"},
    {"slave,shared", "mount options 'shared': EINVAL: a second propagation word (give one)"},
};

static void other_words_are_refused_by_name(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct mount_options o;
        struct scratch_error err;
        char line[SCRATCH_ERROR_LINE];
        assert_int_equal(mount_options_read(bad[i].text, &o, &err), -EINVAL);
        mount_options_free(&o);
        scratch_error_format(&err, line, sizeof line);
        assert_string_equal(line, bad[i].sentence);
    }
}

static void a_bind_may_be_idmapped_or_not(void **state)
{
    struct mount_options o;
    struct scratch_error err;
    (void)state;
    TEST_OK(mount_options_read("rbind,idmap,ro", &o, &err), &err);
    assert_true(o.bind && o.set == RO && o.idmap == IDMAP_YES && !o.data);
    mount_options_free(&o);
    TEST_OK(mount_options_read("noidmap,size=1m,x", &o, &err), &err);
    assert_int_equal(o.idmap, IDMAP_NO);
    assert_string_equal(o.data, "size=1m,x");
    mount_options_free(&o);
    TEST_OK(mount_options_read("rbind", &o, &err), &err);
    assert_int_equal(o.idmap, IDMAP_UNSAID);
    mount_options_free(&o);
    assert_int_equal(mount_options_read("bind,idmap=uids=0-1-2", &o, &err), -EINVAL);
    assert_non_null(strstr(err.hint, "idmap alone"));
    mount_options_free(&o);
}

TEST_MAIN(known_words_are_read, words_of_engines_are_not_the_file_systems,
          a_bind_may_be_idmapped_or_not, other_words_are_refused_by_name)
