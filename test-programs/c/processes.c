// Processes: fork from threads, exec with arguments and environment, scripts, pipes, posix_spawn, exit in another thread, /proc.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

static void *busy(void *arg) {
    volatile long *n = arg;
    for (;;) ++*n;
}

static void *forks(void *arg) {
    pid_t child = fork();
    if (!child) _exit(21);
    int status;
    waitpid(child, &status, 0);
    *(int *)arg = WEXITSTATUS(status);
    return NULL;
}

static void *execs(void *arg) {
    char **argv = arg;
    execl(argv[0], "me", "--echo", "from a thread", NULL);
    return NULL;
}

static int wait_status(pid_t pid) {
    int status;
    waitpid(pid, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
}

static void *quits(void *arg) {
    usleep(10000);
    exit((int)(long)arg);
}

int main(int argc, char **argv) {
    setvbuf(stdout, NULL, _IONBF, 0);
    if (argc > 2 && !strcmp(argv[1], "--echo")) {
        char *name = strrchr(argv[0], '/');
        printf("%s: %.14s, %s\n", name ? name + 1 : argv[0], argv[2], getenv("GREETING") ? getenv("GREETING") : "no greeting");
        return 7;
    }
    char self[4096];
    ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);
    self[n > 0 ? n : 0] = 0;

    long counts[2] = {0};
    pthread_t t, b;
    pthread_create(&b, NULL, busy, &counts[0]);
    int status = 0;
    for (int i = 0; i < 20; i++) {
        pthread_create(&t, NULL, forks, &status);
        pthread_join(t, NULL);
        if (status != 21) printf("fork %d gave %d\n", i, status);
    }
    printf("forks from threads %d\n", status);

    int p[2];
    if (pipe(p)) return 1;
    pid_t child = fork();
    if (!child) {
        dup2(p[1], 1);
        close(p[0]);
        char *args[] = {"me", "--echo", "through a pipe", NULL}, *env[] = {"GREETING=hi", NULL};
        execve(self, args, env);
        _exit(1);
    }
    close(p[1]);
    char buf[256] = "";
    for (size_t at = 0; (n = read(p[0], buf + at, sizeof buf - at - 1)) > 0; at += n) {}
    printf("%sstatus %d\n", buf, wait_status(child));

    if (!(child = fork())) {
        pthread_t x;
        char *args[] = {self};
        pthread_create(&x, NULL, busy, &counts[1]);
        pthread_create(&x, NULL, execs, args);
        pthread_join(x, NULL);
        _exit(1);
    }
    printf("exec in a thread %d\n", wait_status(child));
    if (!(child = fork())) {
        pthread_t x;
        pthread_create(&x, NULL, quits, (void *)33);
        for (;;) pause();
    }
    printf("exit in a thread %d\n", wait_status(child));

    char script[] = "/tmp/mj-script-XXXXXX";
    int fd = mkstemp(script);
    dprintf(fd, "#!%s --echo\nrubbish\n", self);
    fchmod(fd, 0700);
    close(fd);
    if (!(child = fork())) {
        execl(script, "ignored", NULL);
        _exit(1);
    }
    int echoed = wait_status(child);
    unlink(script);
    printf("script %d\n", echoed);

    char *args[] = {"spawned", "--echo", "spawn", NULL};
    int spawned = posix_spawn(&child, self, NULL, NULL, args, environ);
    printf("posix_spawn %d %d\n", spawned, wait_status(child));

    spawned = posix_spawn(&child, "/nonexistent/program", NULL, NULL, args, environ);
    printf("posix_spawn of nothing: %s\n", strerror(spawned));

    FILE *f = popen("echo from the shell", "r");
    if (f && fgets(buf, sizeof buf, f)) printf("%s", buf);
    printf("pclose %d\n", pclose(f));

    char exec_error[8];
    printf("missing: %d", execl("/nonexistent/program", "x", NULL));
    printf(" %s\n", strerror(errno));
    snprintf(exec_error, sizeof exec_error, "%d", execl("/", "x", NULL));
    printf("directory: %s %s\n", exec_error, strerror(errno));

    int maps = 0, stack = 0, aux = 0;
    if ((f = fopen("/proc/self/maps", "r"))) {
        while (fgets(buf, sizeof buf, f)) {
            unsigned long lo, hi;
            sscanf(buf, "%lx-%lx", &lo, &hi);
            maps |= lo <= (unsigned long)main && (unsigned long)main < hi;
            stack |= lo <= (unsigned long)&lo && (unsigned long)&lo < hi && strstr(buf, "[stack]") != NULL;
        }
        fclose(f);
    }
    unsigned long pair[2];
    if ((f = fopen("/proc/self/auxv", "r"))) {
        while (fread(pair, sizeof pair, 1, f) == 1) aux |= pair[0] == AT_ENTRY && pair[1] == getauxval(AT_ENTRY);
        fclose(f);
    }
    printf("maps %d stack %d auxv %d\n", maps, stack, aux);
    printf("execfn %d\n", getauxval(AT_EXECFN) != 0);
    return 0;
}
