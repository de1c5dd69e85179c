/* SPDX-License-Identifier: MIT */
/*
 * Runs inside: waits for a signal, and a little longer; says which came, and how often. Shells
 * count two that come close together as one.
 */
#include <signal.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

static volatile sig_atomic_t last, count;

static void note(int signal)
{
    last = signal;
    count++;
}

int main(void)
{
    static const int signals[] = {SIGHUP, SIGINT, SIGTERM, SIGUSR1, SIGUSR2};
    struct timespec rest = {0, 200000000};
    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
        signal(signals[i], note);
    printf("ready\n");
    fflush(stdout);
    for (int i = 0; i < 6000 && count == 0; i++)
        usleep(10000);
    while (nanosleep(&rest, &rest) < 0) {
    }
    printf("%d, %d times\n", (int)last, (int)count);
    return 9;
}
