// Signals: handlers with information, faults that are caught, masks, jumps out of handlers.
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <ucontext.h>
#include <unistd.h>

static sigjmp_buf back;
static volatile int count;

static void on_fault(int sig, siginfo_t *info, void *context) {
    (void)context;
    printf("signal %d code %d at %p\n", sig, info->si_code, info->si_addr);
    siglongjmp(back, 1);
}

static void on_user(int sig) {
    (void)sig;
    count++;
}

// Steps over the illegal instruction.
static void on_illegal(int sig, siginfo_t *info, void *context) {
    ucontext_t *u = context;
    printf("signal %d, at the instruction %d\n", sig, info->si_addr == (void *)u->uc_mcontext.__gregs[0]);
    u->uc_mcontext.__gregs[0] += 4;
    u->uc_mcontext.__gregs[10] = 77;
}

int main(void) {
    setvbuf(stdout, NULL, _IONBF, 0);
    struct sigaction action = {.sa_sigaction = on_fault, .sa_flags = SA_SIGINFO};
    sigaction(SIGSEGV, &action, NULL);
    if (!sigsetjmp(back, 1)) *(volatile int *)0x10 = 1;
    if (!sigsetjmp(back, 1)) printf("%d", *(volatile int *)0x7000000018);
    printf("went on\n");

    action.sa_sigaction = on_illegal;
    sigaction(SIGILL, &action, NULL);
    register long a0 asm("a0") = 1;
    asm volatile(".4byte 0xffffffff" : "+r"(a0));
    printf("a0 %ld\n", a0);

    signal(SIGUSR1, on_user);
    raise(SIGUSR1);
    kill(getpid(), SIGUSR1);
    printf("count %d\n", count);
    sigset_t set, pending;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    sigprocmask(SIG_BLOCK, &set, NULL);
    raise(SIGUSR1);
    sigpending(&pending);
    printf("blocked: count %d, pending %d\n", count, sigismember(&pending, SIGUSR1));
    sigprocmask(SIG_UNBLOCK, &set, NULL);
    printf("unblocked: count %d\n", count);
    signal(SIGUSR2, SIG_IGN);
    raise(SIGUSR2);
    printf("ignored\n");
    return 0;
}
