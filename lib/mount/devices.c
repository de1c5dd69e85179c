/* SPDX-License-Identifier: MIT */
#include "mount/devices.h"

const struct mount_device mount_devices[MOUNT_DEVICES] = {
    {"null", 1, 3},   {"zero", 1, 5},    {"full", 1, 7},
    {"random", 1, 8}, {"urandom", 1, 9}, {"tty", 5, 0},
};

const struct mount_device_link mount_device_links[MOUNT_DEVICE_LINKS] = {
    {"fd", "/proc/self/fd"},       {"stdin", "/proc/self/fd/0"}, {"stdout", "/proc/self/fd/1"},
    {"stderr", "/proc/self/fd/2"}, {"ptmx", "pts/ptmx"},
};

const char mount_device_directories[MOUNT_DEVICE_DIRECTORIES][8] = {"pts", "shm", "mqueue"};
