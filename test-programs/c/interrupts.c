// Signals that interrupt: restartable calls, waits with masks, queued values, timers, threads as targets.
#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>

static volatile sig_atomic_t seen, code, value, on_thread;
static volatile pid_t handler_thread;
static pid_t self_tid(void) { return syscall(SYS_gettid); }

static void note(int s, siginfo_t *i, void *u) {
    (void)u;
    seen = s;
    code = i->si_code;
    value = i->si_value.sival_int;
    handler_thread = self_tid();
    on_thread++;
}

static void handle(int s, int flags) {
    struct sigaction sa = {.sa_sigaction = note, .sa_flags = SA_SIGINFO | flags};
    sigaction(s, &sa, NULL);
}

static void after(long ms) {
    struct itimerval t = {.it_value = {0, ms * 1000}};
    setitimer(ITIMER_REAL, &t, NULL);
}

static int pipe_fd[2];

static void *writer(void *arg) {
    usleep(150000);
    if (write(pipe_fd[1], "x", 1) != 1) return arg;
    return NULL;
}

static volatile pid_t waiter_tid;

static void *waiter(void *arg) {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR2);
    pthread_sigmask(SIG_UNBLOCK, &set, NULL);
    waiter_tid = self_tid();
    pause();
    return arg;
}

static volatile int spin = 1;

static void *spinner(void *arg) {
    while (spin) {}
    return arg;
}

static void stop_spinning(int s) { (void)s; spin = 0; }

static volatile uint64_t fault_pc_delta;

static void skip(int s, siginfo_t *i, void *u) {
    ucontext_t *c = u;
    (void)s;
    printf("fault at null %d, s2 %lx\n", i->si_addr == (void *)16, (unsigned long)c->uc_mcontext.__gregs[18]);
    c->uc_mcontext.__gregs[0] += 4;
    c->uc_mcontext.__gregs[10] = 77;
}

int main(void) {
    char c;
    alarm(20);
    if (pipe(pipe_fd)) return 1;

    handle(SIGALRM, 0);
    after(30);
    int r = read(pipe_fd[0], &c, 1);
    printf("without SA_RESTART: %d %s, signal %d\n", r, strerror(errno), seen);

    handle(SIGALRM, SA_RESTART);
    pthread_t t;
    pthread_create(&t, NULL, writer, NULL);
    sigset_t only, old, none;
    sigemptyset(&none);
    sigfillset(&only);
    seen = 0;
    after(30);
    r = read(pipe_fd[0], &c, 1);
    pthread_join(t, NULL);
    printf("with SA_RESTART: %d, signal %d\n", r, seen);

    after(30);
    struct timespec rest, second = {1, 0};
    r = nanosleep(&second, &rest);
    printf("sleep: %d %s, rest %d\n", r, strerror(errno), rest.tv_sec == 0 && rest.tv_nsec > 500000000);

    sigemptyset(&only);
    sigaddset(&only, SIGUSR1);
    handle(SIGUSR1, 0);
    sigprocmask(SIG_BLOCK, &only, &old);
    raise(SIGUSR1);
    seen = 0;
    struct pollfd p = {.fd = pipe_fd[0], .events = POLLIN};
    r = ppoll(&p, 1, NULL, &none);
    printf("ppoll: %d %s, signal %d\n", r, strerror(errno), seen);
    raise(SIGUSR1);
    seen = 0;
    r = sigsuspend(&none);
    sigprocmask(SIG_BLOCK, NULL, &old);
    printf("sigsuspend: %d %s, signal %d, blocked again %d\n", r, strerror(errno), seen, sigismember(&old, SIGUSR1));

    sigset_t rt;
    sigemptyset(&rt);
    sigaddset(&rt, SIGRTMIN + 1);
    sigprocmask(SIG_BLOCK, &rt, NULL);
    for (int i = 1; i <= 3; i++) sigqueue(getpid(), SIGRTMIN + 1, (union sigval){.sival_int = i * 10});
    siginfo_t info;
    for (int i = 0; i < 3; i++) {
        r = sigwaitinfo(&rt, &info);
        printf("queued %d value %d code %d\n", r == SIGRTMIN + 1, info.si_value.sival_int, info.si_code == SI_QUEUE);
    }
    struct timespec soon = {0, 10000000};
    r = sigtimedwait(&rt, &info, &soon);
    printf("none left: %d %s\n", r, strerror(errno));

    int fd = signalfd(-1, &only, 0);
    raise(SIGUSR1);
    struct signalfd_siginfo si;
    printf("signalfd: %d, signal %d\n", read(fd, &si, sizeof si) == sizeof si, (int)si.ssi_signo);
    close(fd);
    sigprocmask(SIG_UNBLOCK, &only, NULL);

    struct sigevent ev = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR2, .sigev_value.sival_int = 1234};
    timer_t timer;
    handle(SIGUSR2, 0);
    timer_create(CLOCK_MONOTONIC, &ev, &timer);
    struct itimerspec its = {.it_value = {0, 20000000}};
    timer_settime(timer, 0, &its, NULL);
    pause();
    printf("timer: signal %d value %d code %d\n", seen, value, code == SI_TIMER);
    timer_delete(timer);

    sigemptyset(&only);
    sigaddset(&only, SIGUSR2);
    sigprocmask(SIG_BLOCK, &only, NULL);
    pthread_create(&t, NULL, waiter, NULL);
    while (!waiter_tid) usleep(1000);
    usleep(20000);
    kill(getpid(), SIGUSR2);
    pthread_join(t, NULL);
    printf("the thread that does not block it took it: %d\n", handler_thread == waiter_tid);
    waiter_tid = 0;
    pthread_create(&t, NULL, waiter, NULL);
    while (!waiter_tid) usleep(1000);
    usleep(20000);
    pthread_kill(t, SIGUSR2);
    pthread_join(t, NULL);
    printf("pthread_kill: %d, code %d\n", handler_thread == waiter_tid, code == SI_TKILL);

    signal(SIGPROF, stop_spinning);
    pthread_create(&t, NULL, spinner, NULL);
    usleep(20000);
    pthread_kill(t, SIGPROF);
    pthread_join(t, NULL);
    printf("a loop was interrupted\n");

    struct sigaction sa = {.sa_sigaction = skip, .sa_flags = SA_SIGINFO};
    sigaction(SIGSEGV, &sa, NULL);
    register long got asm("a0") = 1;
    register long marker asm("s2") = 0x5eed;
    register long null asm("a1") = 0;
    asm volatile(".option push\n.option norvc\nld %0, 16(%2)\n.option pop" : "+r"(got) : "r"(marker), "r"(null) : "memory");
    printf("null check went on with %ld\n", got);

    pid_t child = fork();
    if (!child) {
        signal(SIGTERM, SIG_DFL);
        for (;;) pause();
    }
    kill(child, SIGTERM);
    int status;
    waitpid(child, &status, 0);
    printf("child killed by %d\n", WIFSIGNALED(status) ? WTERMSIG(status) : 0);
    handle(SIGCHLD, SA_RESTART);
    if (!(child = fork())) _exit(9);
    siginfo_t ended = {0};
    waitid(P_PID, child, &ended, WEXITED);
    printf("waitid: %d status %d\n", ended.si_pid == child && ended.si_code == CLD_EXITED, ended.si_status);
    for (int i = 0; i < 100 && seen != SIGCHLD; i++) usleep(1000);
    printf("SIGCHLD %d\n", seen == SIGCHLD);
    return 0;
}
