/* SPDX-License-Identifier: MIT */
#include "cli/values.h"
#include "support/test.h"

#include <errno.h>
#include <scratch/cgroup.h>
#include <scratch/process.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* What is typed, and what it is: a number, or an error whose cause or hint has these words. */
struct row {
    const char *text;
    uint64_t value;
    const char *error;
};

typedef int parse(const char *text, uint64_t *value, struct scratch_error *err);

static void check(const struct row *rows, size_t count, parse *function)
{
    for (size_t i = 0; i < count; i++) {
        struct scratch_error err = {0};
        uint64_t value = 12345;
        int rc = function(rows[i].text, &value, &err);
        if (rows[i].error) {
            if (rc != -EINVAL ||
                !(strstr(err.cause, rows[i].error) || strstr(err.hint, rows[i].error)))
                fail_msg("'%s': %d: %s (%s)", rows[i].text, rc, err.cause, err.hint);
            assert_int_equal(err.errnum, EINVAL);
        } else if (rc != 0 || value != rows[i].value) {
            fail_msg("'%s': %d: %llu: %s", rows[i].text, rc, (unsigned long long)value, err.cause);
        }
    }
}

#define CHECK(rows, function) check((rows), sizeof(rows) / sizeof *(rows), (function))

static void bytes_have_units_of_1024(void **state)
{
    static const struct row rows[] = {
        {"1", 1, NULL},
        {"67108864", 67108864, NULL},
        {"512b", 512, NULL},
        {"4k", 4096, NULL},
        {"64m", 67108864, NULL},
        {"64M", 67108864, NULL},
        {"64mb", 67108864, NULL},
        {"64MiB", 67108864, NULL},
        {"1.5g", 1610612736, NULL},
        {"1.25g", 1342177280, NULL},
        {"0.000001t", 1099511, NULL},
        {"2t", 2199023255552, NULL},
        {"9223372036854775807", INT64_MAX, NULL},
        {"10Q", 0, "'Q' is not a unit"},
        {"10Q", 0, "b, k, m, g and t"},
        {"10 m", 0, "not a unit"},
        {"10bb", 0, "not a unit"},
        {"10kk", 0, "not a unit"},
        {"10ki", 0, "not a unit"},
        {"64mx", 0, "'mx' is not a unit"},
        {"", 0, "not a number"},
        {"m", 0, "not a number"},
        {"-1", 0, "not a number"},
        {"+1", 0, "not a number"},
        {" 1", 0, "not a number"},
        {"1.", 0, "not a number"},
        {".5g", 0, "not a number"},
        {"1.2345678g", 0, "not a number"},
        {"0x10", 0, "not a unit"},
        {"0", 0, "leave the option out"},
        {"0.0001b", 0, "leave the option out"},
        {"9223372036854775808", 0, "too large"},
        {"18446744073709551616", 0, "too large"},
        {"99999999t", 0, "too large"},
    };
    (void)state;
    CHECK(rows, value_bytes);
}

static void processors_are_a_quota_of_100_ms(void **state)
{
    static const struct row rows[] = {
        {"1", 100000, NULL},
        {"0.5", 50000, NULL},
        {"1.50", 150000, NULL},
        {"0.01", 1000, NULL},
        {"0.123456", 12345, NULL},
        {"128", 12800000, NULL},
        {"0.009", 0, "less than"},
        {"0", 0, "less than"},
        {"-1", 0, "not a decimal"},
        {"1,5", 0, "not a decimal"},
        {"1.5m", 0, "not a decimal"},
        {"", 0, "not a decimal"},
        {"1e3", 0, "not a decimal"},
        {"inf", 0, "not a decimal"},
        {"99999999999999999999", 0, "too large"},
    };
    (void)state;
    CHECK(rows, value_cpus);
}

static void a_limit_of_processes_may_be_none(void **state)
{
    static const struct row rows[] = {
        {"1", 1, NULL},
        {"4194304", 4194304, NULL},
        {"-1", SCRATCH_LIMIT_NONE, NULL},
        {"0", 0, "not from 1 to 4194304"},
        {"4194305", 0, "not from 1"},
        {"-2", 0, "not a whole number"},
        {"-2", 0, "-1 means no limit"},
        {"10k", 0, "not a whole number"},
        {"", 0, "not a whole number"},
        {"18446744073709551615", 0, "not from 1"},
        {"18446744073709551617", 0, "not from 1"},
    };
    (void)state;
    CHECK(rows, value_pids);
}

static void a_user_is_never_misread(void **state)
{
    static const struct {
        const char *text;
        bool good;
    } rows[] = {
        {"1", true},
        {"0", true},
        {"1000:100", true},
        {"4294967294:4294967294", true},
        {"www-data", true},
        {"1:www-data", true},
        {"www-data:0", true},
        {"4294967295", false}, /* (uid_t)-1 */
        {"4294967296", false}, /* 0 in 32 bits */
        {"18446744073709551617", false},
        {"0:4294967295", false},
        {"-1", false},
        {"+1", false},
        {"0:-1", false},
        {"1:", false},
        {":1", false},
        {":", false},
        {"", false},
        {"1:2:3", false},
        {" 1", false},
        {"1 ", false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct scratch_error err = {0};
        int rc = value_user(rows[i].text, &err);
        if (rc != (rows[i].good ? 0 : -EINVAL))
            fail_msg("'%s': %d", rows[i].text, rc);
        if (!rows[i].good)
            assert_non_null(strstr(err.hint, "USER:GROUP"));
    }
}

static void an_id_map_is_two_or_three_numbers(void **state)
{
    static const char *const bad[] = {"",      "0",       "0:",     "0:1:",  ":1:2",
                                      "0:1:0", "0:1:2:3", "0:-1:2", "a:1:2", "0:1:4294967295"};
    struct scratch_id_map map;
    struct scratch_error err;
    (void)state;
    assert_int_equal(value_id_map("1:100000:65536", &map, &err), 0);
    assert_true(map.inside == 1 && map.outside == 100000 && map.count == 65536);
    assert_int_equal(value_id_map("0:1000", &map, &err), 0);
    assert_true(map.inside == 0 && map.outside == 1000 && map.count == 1);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (value_id_map(bad[i], &map, &err) != -EINVAL)
            fail_msg("'%s' is taken", bad[i]);
}

static void a_flag_is_yes_without_a_value(void **state)
{
    struct scratch_error err;
    bool flag = false;
    (void)state;
    assert_int_equal(value_flag(NULL, &flag, &err), 0);
    assert_true(flag);
    assert_int_equal(value_flag("no", &flag, &err), 0);
    assert_false(flag);
    assert_int_equal(value_flag("true", &flag, &err), 0);
    assert_true(flag);
    assert_int_equal(value_flag("false", &flag, &err), 0);
    assert_false(flag);
    assert_int_equal(value_flag("maybe", &flag, &err), -EINVAL);
    assert_int_equal(value_flag("", &flag, &err), -EINVAL);
}

/* ---- mounts --------------------------------------------------------------------------------- */

struct mount_row {
    const char *text, *source, *target, *options, *error;
};

typedef int parse_mount(struct pool *pool, const char *text, struct scratch_mount *mount,
                        struct scratch_error *err);

static void check_mount(const struct mount_row *row, parse_mount *function)
{
    struct pool pool = {NULL};
    struct scratch_mount mount;
    struct scratch_error err = {0};
    int rc = function(&pool, row->text, &mount, &err);
    if (row->error) {
        if (rc != -EINVAL || !(strstr(err.cause, row->error) || strstr(err.hint, row->error)))
            fail_msg("'%s': %d: %s (%s)", row->text, rc, err.cause, err.hint);
        assert_string_equal(err.subject, row->text);
    } else {
        assert_int_equal(rc, 0);
        assert_string_equal(mount.source, row->source);
        assert_string_equal(mount.target, row->target);
        assert_string_equal(mount.options, row->options);
    }
    pool_free(&pool);
}

static void a_volume_is_bound_with_what_is_below_it(void **state)
{
    static const struct mount_row rows[] = {
        {"/a:/b", "/a", "/b", "rbind", NULL},
        {"/a:/b:ro", "/a", "/b", "rbind,ro", NULL},
        {"/a:/b:", "/a", "/b", "rbind", NULL},
        {"/a:/b:rw,rslave", "/a", "/b", "rbind,rw,rslave", NULL},
        {"/a:/b:U,z,rro", "/a", "/b", "rbind,U,z,rro", NULL},
        {"web:/b", NULL, NULL, NULL, "'web' is the name of a volume"},
        {"web:/b", NULL, NULL, NULL, "/srv/data, or ./data"},
        {"a/b:/b", NULL, NULL, NULL, "'a/b' is relative"},
        {"a/b:/b", NULL, NULL, NULL, "write ./a/b"},
        {"/a:/b:bind,ro", "/a", "/b", "bind,ro", NULL},
        {"/a:/b:ro,rbind", "/a", "/b", "ro,rbind", NULL},
        {"/a:/b:robind", "/a", "/b", "rbind,robind", NULL},
        {"/a", NULL, NULL, NULL, "':' is missing"},
        {"/a", NULL, NULL, NULL, "--tmpfs DST"},
        {"", NULL, NULL, NULL, "':' is missing"},
        {":/b", NULL, NULL, NULL, "SRC is empty"},
        {"/a:", NULL, NULL, NULL, "not an absolute path"},
        {"/a:b", NULL, NULL, NULL, "'b', is not an absolute path"},
        {"/a:/b:ro:rw", NULL, NULL, NULL, "more than two"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        check_mount(&rows[i], value_volume);
}

static void a_relative_source_begins_with_a_dot(void **state)
{
    struct scratch_error err;
    struct scratch_mount mount;
    struct pool pool = {NULL};
    char here[4096], expected[5000];
    (void)state;
    assert_non_null(getcwd(here, sizeof here));
    TEST_OK(value_volume(&pool, ".//./x:/b", &mount, &err), &err);
    snprintf(expected, sizeof expected, "%s/x", here);
    assert_string_equal(mount.source, expected);
    TEST_OK(value_mount(&pool, "type=bind,src=../y,dst=/b", &mount, &err), &err);
    snprintf(expected, sizeof expected, "%s/../y", here);
    assert_string_equal(mount.source, expected);
    pool_free(&pool);
}

static void a_mount_is_written_in_pairs(void **state)
{
    static const struct mount_row rows[] = {
        {"type=bind,src=/a,dst=/b", "/a", "/b", "rbind", NULL},
        {"type=bind,source=/a,target=/b,readonly", "/a", "/b", "rbind,ro", NULL},
        {"destination=/b,ro=true,type=bind,src=/a", "/a", "/b", "rbind,ro", NULL},
        {"type=bind,src=/a,dst=/b,readonly=false,", "/a", "/b", "rbind,rw", NULL},
        {"type=bind,src=/a,dst=/b,bind-propagation=rslave,bind-nonrecursive", "/a", "/b",
         "rbind,rslave,bind", NULL},
        {"type=bind,src=/a,dst=/b,relabel=shared,U", "/a", "/b", "rbind,z,U", NULL},
        {"type=bind,src=/a,dst=/b,relabel=private,chown=false", "/a", "/b", "rbind,Z", NULL},
        {"type=bind,src=/a,dst=/b,noexec,suid,rro", "/a", "/b", "rbind,noexec,suid,rro", NULL},
        {"type=tmpfs,dst=/b", "tmpfs", "/b", "nosuid,nodev", NULL},
        {"type=tmpfs,dst=/b,tmpfs-size=64m,tmpfs-mode=1770,tmpcopyup", "tmpfs", "/b",
         "nosuid,nodev,size=67108864,mode=1770,tmpcopyup", NULL},
        {"type=proc,dst=/b", "proc", "/b", "nosuid,nodev,noexec", NULL},
        {"type=mqueue,dst=/b,ro", "mqueue", "/b", "nosuid,nodev,noexec,ro", NULL},
        {"src=/a,dst=/b", NULL, NULL, NULL, "the type is missing"},
        {"type=volume,dst=/b", NULL, NULL, NULL, "'volume' is no type"},
        {"type=bind,dst=/b", NULL, NULL, NULL, "what is to be bound is missing"},
        {"type=bind,src=/a", NULL, NULL, NULL, "the place inside is missing"},
        {"type=bind,src=,dst=/b", NULL, NULL, NULL, "the key 'src' needs a value"},
        {"type=bind,src=a,dst=/b", NULL, NULL, NULL, "'a' is the name of a volume"},
        {"type=bind,src=/a,dst=b", NULL, NULL, NULL, "'b', is not an absolute path"},
        {"type=bind,src=/a,c,dst=/b", NULL, NULL, NULL, "'c' is no key of a mount of the type"},
        {"type=bind,src=/a,c,dst=/b", NULL, NULL, NULL, "a path with a comma goes with -v"},
        {"type=bind,src=/a,dst=/b,tmpfs-size=1m", NULL, NULL, NULL, "'tmpfs-size' is no key"},
        {"type=tmpfs,dst=/b,src=/a", NULL, NULL, NULL, "'src' is no key"},
        {"type=tmpfs,dst=/b,relabel=shared", NULL, NULL, NULL, "tmpfs-mode, tmpcopyup"},
        {"type=bind,src=/a,dst=/b,ro=1", NULL, NULL, NULL, "'ro' is true or false, not '1'"},
        {"type=bind,src=/a,dst=/b,bind-propagation=up", NULL, NULL, NULL, "'up' is no propagation"},
        {"type=bind,src=/a,dst=/b,relabel=Z", NULL, NULL, NULL, "relabel=private"},
        {"type=tmpfs,dst=/b,tmpfs-mode=999", NULL, NULL, NULL, "'999' is no mode"},
        {"type=tmpfs,dst=/b,tmpfs-size=lots", NULL, NULL, NULL, "not a number"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        check_mount(&rows[i], value_mount);
}

static void a_device_has_a_place_and_permissions(void **state)
{
    static const struct {
        const char *text, *source, *target, *error;
    } rows[] = {
        {"/dev/fuse", "/dev/fuse", NULL, NULL},
        {"/dev/fuse:/dev/f", "/dev/fuse", "/dev/f", NULL},
        {"/dev/fuse:/dev/f:rwm", "/dev/fuse", "/dev/f", NULL},
        {"/dev/fuse:mrw", "/dev/fuse", NULL, NULL},
        {"/dev/fuse:r", "/dev/fuse", NULL, NULL},
        {"/dev/fuse:/dev/f:rw", "/dev/fuse", "/dev/f", NULL},
        {"/dev/fuse:x", NULL, NULL, "'x' are no permissions"},
        {"/dev/fuse:/dev/f:", NULL, NULL, "are no permissions"},
        {"fuse", NULL, NULL, "'fuse' is not the path of a device"},
        {"", NULL, NULL, "is not the path of a device"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct scratch_error err = {0};
        struct scratch_device device;
        struct pool pool = {NULL};
        unsigned access;
        int rc = value_device(&pool, rows[i].text, &device, &access, &err);
        if (rows[i].error) {
            assert_int_equal(rc, -EINVAL);
            if (!strstr(err.cause, rows[i].error))
                fail_msg("'%s': %s", rows[i].text, err.cause);
        } else {
            assert_int_equal(rc, 0);
            assert_string_equal(device.source, rows[i].source);
            assert_true(!device.target == !rows[i].target);
            if (device.target)
                assert_string_equal(device.target, rows[i].target);
        }
        pool_free(&pool);
    }
}

static void a_tmpfs_gives_no_privileges(void **state)
{
    static const struct mount_row rows[] = {
        {"/run", "tmpfs", "/run", "nosuid,nodev", NULL},
        {"/run:", "tmpfs", "/run", "nosuid,nodev", NULL},
        {"/run:size=1m,suid", "tmpfs", "/run", "nosuid,nodev,size=1m,suid", NULL},
        {"run", NULL, NULL, NULL, "'run', is not an absolute path"},
        {"", NULL, NULL, NULL, "not an absolute path"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        check_mount(&rows[i], value_tmpfs);
}

/* ---- capabilities --------------------------------------------------------------------------- */

#define CHOWN     (UINT64_C(1) << 0)
#define KILL      (UINT64_C(1) << 5)
#define NET_ADMIN (UINT64_C(1) << 12)

static void capabilities_have_names_in_any_form(void **state)
{
    struct capability_set set = {0, false};
    struct scratch_error err;
    (void)state;
    TEST_OK(value_capabilities("CAP_CHOWN,kill", &set, &err), &err);
    assert_int_equal(set.named, CHOWN | KILL);
    TEST_OK(value_capabilities("cap_net_admin", &set, &err), &err);
    assert_int_equal(set.named, CHOWN | KILL | NET_ADMIN);
    assert_false(set.all);
    TEST_OK(value_capabilities("All", &set, &err), &err);
    assert_true(set.all);
    assert_int_equal(value_capabilities("", &set, &err), -EINVAL);
    assert_int_equal(value_capabilities("kill,", &set, &err), -EINVAL);
    assert_int_equal(value_capabilities(",kill", &set, &err), -EINVAL);
    assert_int_equal(value_capabilities("NO_SUCH", &set, &err), -EINVAL);
    assert_string_equal(err.subject, "NO_SUCH");
}

static uint64_t resolved(struct capability_set add, struct capability_set drop)
{
    struct capability_changes changes = {add, drop};
    struct scratch_error err;
    uint64_t set = 0;
    TEST_OK(capabilities_resolve(&changes, &set, &err), &err);
    return set;
}

static void capabilities_are_added_to_and_dropped_from_the_default(void **state)
{
    const struct capability_set none = {0, false}, all = {0, true};
    (void)state;
    assert_int_equal(resolved(none, none), SCRATCH_CAP_DEFAULT);
    assert_int_equal(resolved((struct capability_set){NET_ADMIN, false}, none),
                     SCRATCH_CAP_DEFAULT | NET_ADMIN);
    assert_int_equal(resolved(none, (struct capability_set){KILL, false}),
                     SCRATCH_CAP_DEFAULT & ~KILL);
    assert_int_equal(resolved(none, all), 0);
    assert_int_equal(resolved((struct capability_set){KILL, false}, all), KILL);
    assert_int_equal(resolved(all, none), SCRATCH_CAP_ALL);
}

static void all_but_one_are_those_that_exist(void **state)
{
    uint64_t set = resolved((struct capability_set){0, true}, (struct capability_set){KILL, false});
    (void)state;
    assert_int_equal(set & KILL, 0);
    assert_int_equal(set >> 63, 0); /* there is no capability 63 */
    assert_int_not_equal(set, 0);
}

static void what_is_added_and_dropped_is_an_error(void **state)
{
    struct capability_changes both = {{KILL, false}, {KILL | CHOWN, false}};
    struct capability_changes alls = {{0, true}, {0, true}};
    struct scratch_error err;
    uint64_t set;
    (void)state;
    assert_int_equal(capabilities_resolve(&both, &set, &err), -EINVAL);
    assert_string_equal(err.subject, "CAP_KILL");
    assert_int_equal(capabilities_resolve(&alls, &set, &err), -EINVAL);
    assert_string_equal(err.subject, "ALL");
}

/* ---- limits of processes --------------------------------------------------------------------- */

static void limits_have_dockers_names(void **state)
{
    static const struct {
        const char *text;
        int resource;
        uint64_t soft, hard;
    } rows[] = {
        {"nofile=1024", RLIMIT_NOFILE, 1024, 1024},
        {"nofile=1024:4096", RLIMIT_NOFILE, 1024, 4096},
        {"core=0", RLIMIT_CORE, 0, 0},
        {"core=-1", RLIMIT_CORE, UINT64_MAX, UINT64_MAX},
        {"stack=8388608:unlimited", RLIMIT_STACK, 8388608, UINT64_MAX},
        {"nproc=10:-1", RLIMIT_NPROC, 10, UINT64_MAX},
        {"as=1", RLIMIT_AS, 1, 1},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct scratch_error err = {0};
        struct scratch_rlimit limit;
        TEST_OK(value_ulimit(rows[i].text, &limit, &err), &err);
        assert_int_equal(limit.resource, rows[i].resource);
        assert_int_equal(limit.soft, rows[i].soft);
        assert_int_equal(limit.hard, rows[i].hard);
    }
}

static void other_limits_are_refused(void **state)
{
    static const struct {
        const char *text, *cause;
    } rows[] = {
        {"files=1", "'files' is not the name"},
        {"nofile", "there is no number"},
        {"nofile=", "there is no number"},
        {"nofile=:5", "there is no number"},
        {"nofile=5:", "not a whole number"},
        {"nofile=1k", "not a whole number"},
        {"nofile=-2", "not a whole number"},
        {"nofile=5:4", "the soft limit is above"},
        {"nofile=unlimited:4", "the soft limit is above"},
        {"=5", "'' is not the name"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct scratch_error err = {0};
        struct scratch_rlimit limit;
        assert_int_equal(value_ulimit(rows[i].text, &limit, &err), -EINVAL);
        if (!strstr(err.cause, rows[i].cause))
            fail_msg("'%s': %s", rows[i].text, err.cause);
    }
}

static void umasks_are_octal(void **state)
{
    static const char *const bad[] = {"", "8", "1022", "0x1f", "u=rwx", "00022", "-1"};
    struct scratch_error err;
    mode_t umask;
    (void)state;
    TEST_OK(value_umask("022", &umask, &err), &err);
    assert_int_equal(umask, 022);
    TEST_OK(value_umask("0777", &umask, &err), &err);
    assert_int_equal(umask, 0777);
    TEST_OK(value_umask("0", &umask, &err), &err);
    assert_int_equal(umask, 0);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_int_equal(value_umask(bad[i], &umask, &err), -EINVAL);
}

static void integers_may_be_negative(void **state)
{
    static const char *const bad[] = {"-1001", "1001", "", "-", "--5", "5 ", "99999999999", "+5"};
    struct scratch_error err;
    int number;
    (void)state;
    TEST_OK(value_integer("-1000", -1000, 1000, &number, &err), &err);
    assert_int_equal(number, -1000);
    TEST_OK(value_integer("7", -1000, 1000, &number, &err), &err);
    assert_int_equal(number, 7);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_int_equal(value_integer(bad[i], -1000, 1000, &number, &err), -EINVAL);
}

/* ---- the network ----------------------------------------------------------------------------- */

static void ports_are_pairs(void **state)
{
    static const struct {
        const char *text, *address;
        uint16_t host, container;
        bool udp;
        unsigned count; /* 0: one */
    } rows[] = {
        {"8000-8010:9000-9010/udp", NULL, 8000, 9000, true, 11},
        {"127.0.0.1:1-65535:1-65535", "127.0.0.1", 1, 1, false, 65535},
        {"8080:80", NULL, 8080, 80, false, 0},
        {"53:5353/udp", NULL, 53, 5353, true, 0},
        {"53:5353/tcp", NULL, 53, 5353, false, 0},
        {"127.0.0.1:8080:80", "127.0.0.1", 8080, 80, false, 0},
        {":8080:80", NULL, 8080, 80, false, 0},
        {"[::1]:1:65535/udp", "::1", 1, 65535, true, 0},
        {"::1:1:2", "::1", 1, 2, false, 0},
    };
    struct pool pool = {NULL};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct scratch_network_port port;
        struct scratch_error err;
        unsigned count;
        TEST_OK(value_ports(&pool, rows[i].text, &port, &count, &err), &err);
        assert_int_equal(count, rows[i].count ? rows[i].count : 1);
        if (rows[i].address)
            assert_string_equal(port.address, rows[i].address);
        else
            assert_null(port.address);
        assert_int_equal(port.host, rows[i].host);
        assert_int_equal(port.container, rows[i].container);
        assert_int_equal(port.udp, rows[i].udp);
    }
    pool_free(&pool);
}

static void other_ports_are_refused(void **state)
{
    static const char *const bad[] = {
        "",           "80",           "80:",         ":80",      "0:80",        "80:65536",
        "a:80",       "80:80/sctp",   "80-90:80-91", "80-90:80", "90-80:90-80", "80-:80-",
        "1.2.3.4:80", "80:80/udp/tcp"};
    struct pool pool = {NULL};
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct scratch_network_port port;
        struct scratch_error err;
        unsigned count;
        if (value_ports(&pool, bad[i], &port, &count, &err) != -EINVAL)
            fail_msg("'%s' is taken", bad[i]);
        assert_non_null(strstr(err.hint, "HOSTPORT:CONTAINERPORT"));
    }
    pool_free(&pool);
}

static void hosts_have_a_name_and_an_address(void **state)
{
    struct scratch_network_host host;
    struct scratch_error err;
    struct pool pool = {NULL};
    (void)state;
    TEST_OK(value_host(&pool, "db:10.0.0.5", &host, &err), &err);
    assert_string_equal(host.name, "db");
    assert_string_equal(host.address, "10.0.0.5");
    TEST_OK(value_host(&pool, "v6:fd00::1", &host, &err), &err);
    assert_string_equal(host.address, "fd00::1");
    assert_int_equal(value_host(&pool, "db", &host, &err), -EINVAL);
    assert_int_equal(value_host(&pool, ":10.0.0.5", &host, &err), -EINVAL);
    assert_int_equal(value_host(&pool, "db:", &host, &err), -EINVAL);
    pool_free(&pool);
}

TEST_MAIN(bytes_have_units_of_1024, processors_are_a_quota_of_100_ms,
          a_limit_of_processes_may_be_none, a_user_is_never_misread,
          an_id_map_is_two_or_three_numbers, a_flag_is_yes_without_a_value,
          a_volume_is_bound_with_what_is_below_it, a_relative_source_begins_with_a_dot,
          a_mount_is_written_in_pairs, a_device_has_a_place_and_permissions,
          a_tmpfs_gives_no_privileges, capabilities_have_names_in_any_form,
          capabilities_are_added_to_and_dropped_from_the_default, all_but_one_are_those_that_exist,
          what_is_added_and_dropped_is_an_error, limits_have_dockers_names,
          other_limits_are_refused, umasks_are_octal, integers_may_be_negative, ports_are_pairs,
          other_ports_are_refused, hosts_have_a_name_and_an_address)
