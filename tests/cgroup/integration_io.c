/* SPDX-License-Identifier: MIT */
/*
 * Rates of a block device, past the page cache (O_DIRECT): from the first transfer to the last,
 * which is what dd(1) says of itself; what else a container's start takes is not in it.
 */
#include "cgroup/proof.h"

#include <sys/sysmacros.h>

#define MB (1 << 20)

struct device {
    unsigned major, minor;
    char file[PATH_MAX]; /* what is read and written there */
};

/* The whole disk: a partition has no rate of its own. */
static bool find_disk_of(dev_t number, struct device *d)
{
    char path[128], uevent[256];
    snprintf(path, sizeof path, "/sys/dev/block/%u:%u/partition", major(number), minor(number));
    bool part = access(path, F_OK) == 0;
    snprintf(path, sizeof path, "/sys/dev/block/%u:%u/%suevent", major(number), minor(number),
             part ? "../" : "");
    FILE *in = fopen(path, "re");
    d->major = d->minor = 0;
    while (in && fgets(uevent, sizeof uevent, in)) {
        sscanf(uevent, "MAJOR=%u", &d->major);
        sscanf(uevent, "MINOR=%u", &d->minor);
    }
    if (in)
        fclose(in);
    return d->major != 0;
}

/* Past the page cache there is nothing to read in a file with holes. */
static bool fill(const char *path)
{
    static char block[4 * MB];
    int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    bool full = fd >= 0 && write(fd, block, sizeof block) == sizeof block && fsync(fd) == 0;
    if (fd >= 0)
        close(fd);
    return full;
}

/* A file on the disk below the tests' directory; or the test machine's own disk, all of it. */
static bool find_disk(struct device *d)
{
    struct stat st;
    if (getenv("TEST_VM")) {
        snprintf(d->file, sizeof d->file, "/dev/vda");
        return stat(d->file, &st) == 0 && S_ISBLK(st.st_mode) && find_disk_of(st.st_rdev, d);
    }
    snprintf(d->file, sizeof d->file, "%s/file", test_directory());
    return fill(d->file) && stat(d->file, &st) == 0 && find_disk_of(st.st_dev, d);
}

/* Bytes in a second as dd measured it; 0: it could not, and why is in said. */
static uint64_t transfer(struct limited *l, const char *command, char said[256])
{
    struct scratch_error err;
    uint64_t bytes = 0;
    double seconds = 0;
    int status;
    l->minimal.shell[2] = command;
    char *text = test_output(&l->minimal.spec, &l->start, &status, &err);
    if (status < 0)
        scratch_error_format(&err, said, 256);
    else
        snprintf(said, 256, "%s", text);
    char *line = status < 0 ? NULL : strstr(text, " bytes");
    while (line && line > text && line[-1] >= '0' && line[-1] <= '9')
        line--;
    char *copied = line ? strstr(line, "copied, ") : NULL;
    if (copied && sscanf(line, "%" SCNu64, &bytes) == 1)
        sscanf(copied, "copied, %lf", &seconds);
    free(text);
    return seconds > 0 ? (uint64_t)((double)bytes / seconds) : 0;
}

/*
 * A machine with other work may be slower than the rate for a while, never faster: a few tries.
 * unit is what one of the rate's units has in bytes.
 */
static void hold_to(struct limited *l, const char *limit, uint64_t set, uint64_t unit,
                    const char *command)
{
    char said[256] = "";
    uint64_t got = 0;
    for (int i = 0; i < 5 && (got < set * 9 / 10 || got > set * 11 / 10); i++) {
        got = transfer(l, command, said) / unit;
        if (got == 0) {
            row_lacking(limit, said);
            return;
        }
    }
    row(limit, set, got, unit == 1 ? "bytes a second" : "transfers a second");
    assert_true(got <= set * 11 / 10);
    assert_true(got >= set / 2); /* how much less, other work on the disk decides */
}

/* The rates of one device: none, until one is set. */
static struct scratch_cgroup_io unlimited(void)
{
    const uint64_t none = SCRATCH_LIMIT_NONE;
    return (struct scratch_cgroup_io){0, 0, none, none, none, none, none};
}

/* dd's arguments name the file as "$file". */
static void run_into(const char *limit, struct scratch_cgroup_io io, uint64_t set, uint64_t unit,
                     const char *arguments)
{
    struct limited l;
    struct device d;
    char command[PATH_MAX + 256];
    if (!find_disk(&d) || controller_version("io") == 0) {
        row_lacking(limit, "no disk, or no controller");
        return;
    }
    io.major = d.major;
    io.minor = d.minor;
    limited_begin(&l, "");
    l.cgroup.io = &io;
    l.cgroup.io_count = 1;
    snprintf(command, sizeof command, "file=%s; LC_ALL=C exec dd %s 2>&1", d.file, arguments);
    hold_to(&l, limit, set, unit, command);
}

static void a_disk_is_read_at_the_rate(void **state)
{
    struct scratch_cgroup_io io = unlimited();
    (void)state;
    NEEDS_ROOT();
    io.read_bps = MB;
    run_into("io read_bps", io, MB, 1, "if=$file of=/dev/null bs=64k count=64 iflag=direct");
}

static void it_is_read_so_many_times(void **state)
{
    struct scratch_cgroup_io io = unlimited();
    (void)state;
    NEEDS_ROOT();
    io.read_iops = 50;
    run_into("io read_iops", io, 50, 4096, "if=$file of=/dev/null bs=4k count=200 iflag=direct");
}

static void a_disk_is_written_at_the_rate(void **state)
{
    struct scratch_cgroup_io io = unlimited();
    (void)state;
    NEEDS_ROOT();
    io.write_bps = MB;
    run_into("io write_bps", io, MB, 1,
             "if=/dev/zero of=$file bs=64k count=64 oflag=direct conv=notrunc");
}

static void it_is_written_so_many_times(void **state)
{
    struct scratch_cgroup_io io = unlimited();
    (void)state;
    NEEDS_ROOT();
    io.write_iops = 50;
    run_into("io write_iops", io, 50, 4096,
             "if=/dev/zero of=$file bs=4k count=200 oflag=direct conv=notrunc");
}

TEST_MAIN(a_disk_is_read_at_the_rate, it_is_read_so_many_times, a_disk_is_written_at_the_rate,
          it_is_written_so_many_times)
