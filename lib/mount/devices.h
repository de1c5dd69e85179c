/* SPDX-License-Identifier: MIT */
/*
 * What a container's /dev has: the nodes, links and directories that the OCI runtime specification
 * names (config-linux.md, "Default Devices"; runtime-linux.md, "Dev symbolic links").
 */
#ifndef MOUNT_DEVICES_H
#define MOUNT_DEVICES_H

#define MOUNT_DEVICES            6
#define MOUNT_DEVICE_LINKS       5
#define MOUNT_DEVICE_DIRECTORIES 3

/* What a device's node is called in the file system that the caller makes for it: made_node.c. */
#define MOUNT_MADE_NODE "node"

struct mount_device {
    char name[10];
    unsigned char major, minor;
};
struct mount_device_link {
    char name[8];
    char text[16];
};

extern const struct mount_device mount_devices[MOUNT_DEVICES];
extern const struct mount_device_link mount_device_links[MOUNT_DEVICE_LINKS];
/* Where more is mounted: made here, while /dev is open, they need not be looked for. */
extern const char mount_device_directories[MOUNT_DEVICE_DIRECTORIES][8];

#endif
