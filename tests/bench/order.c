/* SPDX-License-Identifier: MIT */
/*
 * bench-order MAP COMMAND... - which sections of a static program are needed when it is run
 *
 * Runs each command (words, without quotes) instruction by instruction, with what it forks up to an
 * exec, and prints the linker script that puts the sections it came to, or had the address of
 * something in, side by side. MAP is what the linker says of the program (ld -Map), in which each
 * function has a section of its own. For x86-64.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#define SECTIONS 8192
#define COLUMNS  100
#define WORDS    64

struct section {
    uintptr_t begin, end;
    char name[128], object[256];
    bool used;
};

static struct section sections[SECTIONS];
static size_t count;

static _Noreturn void fail(const char *what)
{
    fprintf(stderr, "bench-order: %s: %s\n", what, strerror(errno));
    exit(1);
}

/* ---- the map -------------------------------------------------------------------------------- */

static bool is_wanted(const char *name)
{
    return strncmp(name, ".text", 5) == 0 || strncmp(name, ".rodata", 7) == 0;
}

/* " .text.NAME 0xADDRESS 0xSIZE OBJECT"; behind a long name a new line begins. */
static void read_map(const char *path)
{
    char line[1024], name[128] = "";
    FILE *file = fopen(path, "r");
    if (!file)
        fail(path);
    while (fgets(line, sizeof line, file) && count < SECTIONS) {
        struct section *s = &sections[count];
        uintptr_t size;
        int n = 0;
        if (strncmp(line, " .", 2) == 0)
            sscanf(line, " %127s%n", name, &n);
        if (sscanf(line + n, " 0x%" SCNxPTR " 0x%" SCNxPTR " %255s", &s->begin, &size, s->object) <
                3 ||
            s->begin == 0 || !is_wanted(name))
            continue;
        memcpy(s->name, name, sizeof name);
        s->end = s->begin + size;
        count++;
    }
    fclose(file);
}

static bool is_code(const struct section *s)
{
    return strncmp(s->name, ".text", 5) == 0;
}

/* Code is needed that runs, and a constant whose address is at hand. */
static void use(uintptr_t address, bool runs)
{
    for (size_t i = 0; i < count; i++)
        if (address >= sections[i].begin && address < sections[i].end)
            sections[i].used |= runs == is_code(&sections[i]);
}

/* ---- the run -------------------------------------------------------------------------------- */

static void look(pid_t pid)
{
    struct user_regs_struct r;
    if (ptrace(PTRACE_GETREGS, pid, 0, &r) < 0)
        return;
    const uintptr_t address[] = {r.rax, r.rbx, r.rcx, r.rdx, r.rsi, r.rdi, r.rbp, r.r8,
                                 r.r9,  r.r10, r.r11, r.r12, r.r13, r.r14, r.r15};
    use(r.rip, true);
    for (size_t i = 0; i < sizeof address / sizeof *address; i++)
        use(address[i], false);
}

static _Noreturn void execute(char *command)
{
    char *argv[WORDS], **next = argv;
    while (next < argv + WORDS - 1 && (*next = strsep(&command, " ")))
        next++;
    *next = NULL;
    ptrace(PTRACE_TRACEME, 0, 0, 0);
    if (argv[0])
        execv(argv[0], argv);
    fail("execute a command");
}

static void run(char *command)
{
    bool begun = false;
    int status;
    pid_t first = fork(), pid;
    if (first == 0)
        execute(command);
    while ((pid = waitpid(-1, &status, __WALL)) > 0) {
        int event = status >> 16, signal = WIFSTOPPED(status) ? WSTOPSIG(status) : 0;
        if (!WIFSTOPPED(status) && pid == first && status != 0) {
            fprintf(stderr, "bench-order: the command failed\n");
            exit(1);
        }
        if (!WIFSTOPPED(status))
            continue;
        if (!begun)
            ptrace(PTRACE_SETOPTIONS, pid, 0,
                   PTRACE_O_TRACECLONE | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK |
                       PTRACE_O_TRACEEXEC);
        begun = true;
        if (event == PTRACE_EVENT_EXEC) {
            ptrace(PTRACE_DETACH, pid, 0, 0);
            continue;
        }
        look(pid);
        ptrace(PTRACE_SINGLESTEP, pid, 0, signal == SIGTRAP || signal == SIGSTOP ? 0 : signal);
    }
}

/* ---- the script ----------------------------------------------------------------------------- */

static bool has(const char *text, const char *part)
{
    return strstr(text, part);
}

/* Those of all functions that are equal are one, which the map has where it came first. */
static bool is_shared(const struct section *s)
{
    return has(s->name, ".str") || has(s->name, ".cst");
}

static bool is_of_all(const struct section *s)
{
    return strcmp(s->name, ".text") == 0 || strcmp(s->name, ".rodata") == 0;
}

static void use_strings_of(const char *function)
{
    char name[160];
    int n = snprintf(name, sizeof name, ".rodata.%s.str", function);
    for (size_t i = 0; i < count; i++)
        if (strncmp(sections[i].name, name, (size_t)n) == 0)
            sections[i].used = true;
}

static void use_strings(void)
{
    for (size_t i = 0; i < count; i++)
        if (is_shared(&sections[i]))
            sections[i].used = false;
    for (size_t i = 0; i < count; i++)
        if (sections[i].used && is_code(&sections[i]) && sections[i].name[5])
            use_strings_of(sections[i].name + 6);
}

static int compare(const void *a, const void *b)
{
    const struct section *x = a, *y = b;
    int order = strcmp(x->name, y->name);
    return order ? order : strcmp(x->object, y->object);
}

static void put(const char *text, int *column)
{
    int length = (int)strlen(text);
    if (*column && *column + 1 + length > COLUMNS)
        *column = printf("\n") - 1;
    *column += printf("%s%s", *column ? " " : "            ", text);
}

/* "*object.c.o", or "*libc.a:member.lo". */
static void print_of_object(const struct section *s)
{
    const char *base = strrchr(s->object, '/');
    base = base ? base + 1 : s->object;
    int archive = (int)strcspn(base, "(");
    const char *member = base[archive] ? base + archive + 1 : "";
    printf("        *%.*s%s%.*s(%s)\n", archive, base, *member ? ":" : "",
           (int)strcspn(member, ")"), member, s->name);
}

static void print_script(void)
{
    const char *last = "";
    int column = 0;
    use_strings();
    qsort(sections, count, sizeof *sections, compare);
    printf("/* SPDX-License-Identifier: MIT */\n/*\n"
           " * What scratchctl needs to start a container, on as few pages as there can be: "
           "nothing but\n"
           " * its speed depends on it. Made by `cmake --build build --target start-order`.\n"
           " */\nSECTIONS\n{\n    .start :\n    {\n        start_begin = .;\n");
    for (size_t i = 0; i < count; i++)
        if (sections[i].used && is_of_all(&sections[i]))
            print_of_object(&sections[i]);
    printf("        *(\n");
    for (size_t i = 0; i < count; i++) {
        if (!sections[i].used || is_of_all(&sections[i]) || strcmp(sections[i].name, last) == 0)
            continue;
        put(sections[i].name, &column);
        last = sections[i].name;
    }
    printf(")\n        start_end = .;\n    }\n}\nINSERT BEFORE .text;\n");
}

int main(int argc, char *argv[])
{
    if (argc < 3) {
        fprintf(stderr, "usage: bench-order MAP COMMAND...\n");
        return 2;
    }
    read_map(argv[1]);
    for (int i = 2; i < argc; i++)
        run(argv[i]);
    print_script();
    return 0;
}
