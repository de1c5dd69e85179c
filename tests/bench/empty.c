/* SPDX-License-Identifier: MIT */
/*
 * A program of the C library that does nothing: what it costs to be one. In a virtual machine that
 * is a good deal, where every CPUID instruction is a way out to the hypervisor and back: glibc
 * makes 68 of them to learn the sizes of caches.
 */
int main(void)
{
    return 0;
}
