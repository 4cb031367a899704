// The vDSO: its functions are found as C libraries find them, and do what the system calls do.
#include <elf.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static const char *base, *bias;
static const Elf64_Sym *symbols;
static const char *strings;
static const unsigned *hash;
static const unsigned short *versions;
static const char *definitions;

static const void *at(const Elf64_Dyn *d) { return bias + d->d_un.d_ptr; }

static int open_vdso(void) {
    base = (const char *)getauxval(AT_SYSINFO_EHDR);
    if (!base || memcmp(base, ELFMAG, SELFMAG)) return 0;
    const Elf64_Ehdr *header = (const void *)base;
    const Elf64_Phdr *segments = (const void *)(base + header->e_phoff);
    for (int n = 0; n < header->e_phnum; n++) {
        if (segments[n].p_type == PT_LOAD) bias = base + segments[n].p_offset - segments[n].p_vaddr;
        if (segments[n].p_type != PT_DYNAMIC) continue;
        for (const Elf64_Dyn *d = (const void *)(bias + segments[n].p_vaddr); d->d_tag; d++) {
            if (d->d_tag == DT_SYMTAB) symbols = at(d);
            if (d->d_tag == DT_STRTAB) strings = at(d);
            if (d->d_tag == DT_HASH) hash = at(d);
            if (d->d_tag == DT_VERSYM) versions = at(d);
            if (d->d_tag == DT_VERDEF) definitions = at(d);
        }
    }
    return symbols && strings && hash && versions && definitions;
}

static const char *version_name(int index) {
    const Elf64_Verdef *d = (const void *)definitions;
    while (d->vd_ndx != index) {
        if (!d->vd_next) return "none";
        d = (const void *)((const char *)d + d->vd_next);
    }
    return strings + ((const Elf64_Verdaux *)((const char *)d + d->vd_aux))->vda_name;
}

static void *find(const char *name) {
    for (unsigned n = 1; n < hash[1]; n++)
        if (!strcmp(strings + symbols[n].st_name, name)) {
            printf("%s@%s\n", name, version_name(versions[n]));
            return (void *)(bias + symbols[n].st_value);
        }
    printf("%s is missing\n", name);
    return NULL;
}

static int listed_in_maps(void) {
    char line[300];
    FILE *maps = fopen("/proc/self/maps", "r");
    int found = 0;
    while (fgets(line, sizeof line, maps)) {
        unsigned long start, end;
        if (strstr(line, "r-xp") && strstr(line, "[vdso]") && sscanf(line, "%lx-%lx", &start, &end) == 2)
            found = start == (unsigned long)base;
    }
    fclose(maps);
    return found;
}

static void *return_address;

__attribute__((noinline)) static void handler(int signal) { return_address = __builtin_return_address(0); }

int main(void) {
    if (!open_vdso()) return puts("no vDSO"), 1;
    printf("in maps %d\n", listed_in_maps());
    int (*gettime)(clockid_t, struct timespec *) = find("__vdso_clock_gettime");
    struct timespec before, now, after;
    syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &before);
    int result = gettime(CLOCK_MONOTONIC, &now);
    syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &after);
    double a = before.tv_sec + before.tv_nsec / 1e9, b = now.tv_sec + now.tv_nsec / 1e9;
    printf("%d %d\n", result, a <= b && b <= after.tv_sec + after.tv_nsec / 1e9);
    int (*getres)(clockid_t, struct timespec *) = find("__vdso_clock_getres");
    result = getres(CLOCK_MONOTONIC, &now);
    printf("%d %ld %d\n", result, (long)now.tv_sec, now.tv_nsec > 0);
    int (*timeofday)(struct timeval *, void *) = find("__vdso_gettimeofday");
    struct timeval tv;
    result = timeofday(&tv, NULL);
    printf("%d %d\n", result, labs(tv.tv_sec - time(NULL)) < 5);
    int (*getcpu)(unsigned *, unsigned *, void *) = find("__vdso_getcpu");
    unsigned cpu = -1u, node = -1u;
    result = getcpu(&cpu, &node, NULL);
    printf("%d %d\n", result, cpu != -1u && node != -1u);
    int (*flush)(void *, void *, unsigned long) = find("__vdso_flush_icache");
    printf("%d\n", flush(NULL, (void *)0x1000, 0));
    struct { long key; unsigned long value; } pair = {3, 0};
    int (*probe)(void *, size_t, size_t, unsigned long *, unsigned) = find("__vdso_riscv_hwprobe");
    result = probe(&pair, 1, 0, NULL, 0);
    printf("%d base behaviour %lx\n", result, pair.value & 1);
    void *sigreturn = find("__vdso_rt_sigreturn");
    signal(SIGUSR1, handler);
    raise(SIGUSR1);
    printf("handlers return there %d\n", return_address == sigreturn);
    return 0;
}
