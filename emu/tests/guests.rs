//! Unmodified static C and C++ programs, compared with what they must print. Skipped where there is no
//! cross compiler.

mod common;

use common::{compile, run_captured};
use emu::Machine;

/// Not a test of its own: runs a guest when [`run_captured`] asks for it, in a process whose output the
/// test reads.
#[test]
#[ignore = "runs a guest for the other tests"]
fn guest_runner() {
    let Some(program) = std::env::var_os("MJ_TEST_GUEST") else { return };
    let args = std::env::var("MJ_TEST_ARGS").unwrap_or_default();
    let options = std::env::var("MJ_TEST_OPTIONS").unwrap_or_default();
    let mut machine = Machine::builder(program)
        .args(args.split('\u{1}').filter(|a| !a.is_empty()))
        .env("GREETING", "hello there")
        .deterministic(options.contains("deterministic"))
        .strace(options.contains("strace"))
        .build()
        .expect("a machine");
    // Marks separate the guest's output from the test harness's.
    print!("<guest>");
    std::io::Write::flush(&mut std::io::stdout()).expect("flushed");
    let outcome = machine.run();
    println!("</guest>");
    if let Some(crash) = outcome.crash {
        eprintln!("{crash}");
    }
    std::process::exit(outcome.exit.status());
}

struct Ran {
    out: String,
    err: String,
    status: i32,
}

/// Compiles and runs a program; `None` when it cannot be compiled here.
fn run(source: &str, language: &str, args: &[&str], options: &str) -> Option<Ran> {
    let program = compile(source, language, &["-O1"])?;
    let output = run_captured(&program.0, args, options);
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let out = text.split_once("<guest>").map_or("", |t| t.1);
    let out = out.rsplit_once("</guest>").map_or(out, |t| t.0).to_owned();
    let err = String::from_utf8_lossy(&output.stderr).into_owned();
    Some(Ran { out, err, status: output.status.code().unwrap_or(-1) })
}

#[test]
fn arguments_environment_and_status() {
    let source = r#"
        #include <stdio.h>
        #include <stdlib.h>
        #include <sys/auxv.h>
        int main(int argc, char **argv) {
            for (int i = 1; i < argc; i++) printf("[%s]", argv[i]);
            printf(" %s pagesz %lu hwcap %lx phdr %d random %d\n", getenv("GREETING"), getauxval(AT_PAGESZ),
                   getauxval(AT_HWCAP), getauxval(AT_PHDR) != 0, getauxval(AT_RANDOM) != 0);
            printf("%.17g %d\n", 1.0 / 3, (int)sizeof(long));
            return 7;
        }"#;
    let Some(r) = run(source, "c", &["a b", "c"], "") else { return };
    let expected = "[a b][c] hello there pagesz 4096 hwcap 112d phdr 1 random 1\n0.33333333333333331 8\n";
    assert_eq!((r.out.as_str(), r.status), (expected, 7), "{}", r.err);
}

#[test]
fn cpp_exceptions_and_streams() {
    let source = r#"
        #include <iostream>
        #include <map>
        #include <stdexcept>
        #include <string>
        struct Noisy { ~Noisy() { std::cout << "~"; } };
        int f(int n) { Noisy d; if (n > 2) throw std::runtime_error("big " + std::to_string(n)); return n * n; }
        int main() {
            std::map<std::string, int> m;
            for (int i = 0; i < 5; i++) {
                try { m["k" + std::to_string(i)] = f(i); } catch (const std::exception &e) { std::cout << e.what() << std::endl; }
            }
            for (auto &[k, v] : m) std::cout << k << "=" << v << " ";
            std::cout << std::endl;
            throw 5;
        }"#;
    let Some(r) = run(source, "cpp", &[], "") else { return };
    assert_eq!(r.out, "~~~~big 3\n~big 4\nk0=0 k1=1 k2=4 \n");
    assert_eq!(r.status, 128 + 6, "an uncaught exception aborts: {}", r.err);
    assert!(r.err.contains("SIGABRT"), "{}", r.err);
}

#[test]
fn signals_with_contexts_stacks_and_masks() {
    let source = r#"
        #define _GNU_SOURCE
        #include <errno.h>
        #include <setjmp.h>
        #include <signal.h>
        #include <stdio.h>
        #include <stdlib.h>
        #include <sys/mman.h>
        #include <time.h>
        #include <ucontext.h>
        #include <unistd.h>
        static sigjmp_buf back;
        static char stack[65536];
        static void segv(int s, siginfo_t *i, void *u) {
            char here;
            printf("%d code %d addr %lx altstack %d\n", s, i->si_code, (long)i->si_addr & 0xfff,
                   &here > stack && &here < stack + sizeof stack);
            siglongjmp(back, 1);
        }
        static void ill(int s, siginfo_t *i, void *u) {
            ucontext_t *c = u;
            c->uc_mcontext.__gregs[0] += 4;
            c->uc_mcontext.__gregs[10] = 99;
            c->uc_mcontext.__fpregs.__d.__f[10] = 0x4008000000000000;
        }
        static volatile int seen;
        static void usr(int s) { seen++; }
        int main() {
            stack_t ss = {.ss_sp = stack, .ss_size = sizeof stack};
            sigaltstack(&ss, 0);
            struct sigaction sa = {0};
            sa.sa_sigaction = segv; sa.sa_flags = SA_SIGINFO | SA_ONSTACK;
            sigaction(SIGSEGV, &sa, 0);
            if (!sigsetjmp(back, 1)) *(volatile int *)0x1234 = 5;
            char *p = mmap(0, 8192, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
            if (!sigsetjmp(back, 1)) p[4096 + 0x10] = 1;
            sa.sa_sigaction = ill; sigaction(SIGILL, &sa, 0);
            register long a0 asm("a0") = 1;
            register double fa0 asm("fa0") = 1;
            asm volatile(".word 0x0000700b" : "+r"(a0), "+f"(fa0));
            printf("a0 %ld fa0 %g\n", a0, fa0);
            signal(SIGUSR1, usr);
            sigset_t set; sigemptyset(&set); sigaddset(&set, SIGUSR1);
            sigprocmask(SIG_BLOCK, &set, 0);
            kill(getpid(), SIGUSR1);
            printf("blocked %d ", seen);
            sigset_t pending; sigpending(&pending);
            printf("pending %d ", sigismember(&pending, SIGUSR1));
            sigprocmask(SIG_UNBLOCK, &set, 0);
            printf("seen %d\n", seen);
            struct sigaction al = {0}; al.sa_handler = usr; sigaction(SIGALRM, &al, 0);
            struct timespec t = {5, 0};
            alarm(1);
            int r = nanosleep(&t, &t);
            printf("slept %d %d left %d\n", r, errno == EINTR, t.tv_sec >= 3);
            fflush(stdout);
            raise(SIGTERM);
            return 0;
        }"#;
    let Some(r) = run(source, "c", &[], "") else { return };
    let expected = "11 code 1 addr 234 altstack 1\n11 code 2 addr 10 altstack 1\na0 99 fa0 3\nblocked 0 pending 1 seen 1\nslept -1 1 left 1\n";
    assert_eq!((r.out.as_str(), r.status), (expected, 128 + 15), "{}", r.err);
}

#[test]
fn files_and_directories() {
    let source = r#"
        #define _GNU_SOURCE
        #include <dirent.h>
        #include <fcntl.h>
        #include <stdio.h>
        #include <stdlib.h>
        #include <string.h>
        #include <sys/mman.h>
        #include <sys/stat.h>
        #include <sys/uio.h>
        #include <unistd.h>
        int main() {
            char dir[] = "/tmp/mj-emu-files-XXXXXX", path[100], buf[100] = {0};
            mkdtemp(dir);
            snprintf(path, sizeof path, "%s/file", dir);
            int fd = open(path, O_RDWR | O_CREAT | O_EXCL, 0640);
            struct iovec v[2] = {{"hello ", 6}, {"world\n", 6}};
            printf("%ld ", (long)writev(fd, v, 2));
            struct stat st; fstat(fd, &st);
            printf("%ld %o %d ", (long)st.st_size, st.st_mode, S_ISREG(st.st_mode));
            printf("%ld %s", (long)pread(fd, buf, 99, 6), buf);
            char *m = mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
            m[0] = 'J';
            munmap(m, 4096);
            lseek(fd, 0, SEEK_SET);
            memset(buf, 0, sizeof buf);
            printf("%ld %s", (long)read(fd, buf, 99), buf);
            DIR *d = opendir(dir); int n = 0;
            for (struct dirent *e; (e = readdir(d));) n += !strcmp(e->d_name, "file");
            closedir(d);
            printf("%d %d", n, open("/nonexistent/file", O_RDONLY));
            unlink(path);
            printf(" %d %d\n", rmdir(dir), access(dir, F_OK));
            ssize_t len = readlink("/proc/self/exe", path, sizeof path - 1);
            path[len] = 0;
            printf("%d", strstr(path, "mj-emu-test") != 0);
            FILE *maps = fopen("/proc/self/maps", "r"); int stack = 0;
            while (fgets(buf, sizeof buf, maps)) stack += strstr(buf, "[stack]") != 0;
            printf(" %d\n", stack);
            return 0;
        }"#;
    let Some(r) = run(source, "c", &[], "") else { return };
    assert_eq!(r.out, "12 12 100640 1 6 world\n12 Jello world\n1 -1 0 -1\n1 1\n", "{}", r.err);
}

#[test]
fn memory_calls() {
    let source = r#"
        #define _GNU_SOURCE
        #include <errno.h>
        #include <stdio.h>
        #include <stdlib.h>
        #include <string.h>
        #include <sys/mman.h>
        #include <unistd.h>
        int main() {
            char *p = mmap(0, 3 * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
            memset(p, 'x', 3 * 4096);
            p = mremap(p, 3 * 4096, 300 * 4096, MREMAP_MAYMOVE);
            printf("%c%c%d ", p[0], p[3 * 4096 - 1], p[3 * 4096]);
            madvise(p, 4096, MADV_DONTNEED);
            printf("%d%c ", p[0], p[4096]);
            printf("%d ", mprotect((char *)0x123000, 4096, PROT_READ) == -1 && errno == ENOMEM);
            printf("%d ", mmap(p, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0) == MAP_FAILED);
            printf("%d ", mmap(0, 1ul << 45, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED);
            char *big = malloc(200 << 20);
            big[150 << 20] = 1;
            free(big);
            char *old = sbrk(0);
            sbrk(1 << 20);
            old[1 << 19] = 3;
            printf("%ld ", (long)((char *)sbrk(0) - old) >> 20);
            printf("%d\n", read(0, (void *)16, 1) == -1 && errno == EFAULT);
            return 0;
        }"#;
    let Some(r) = run(source, "c", &[], "") else { return };
    assert_eq!(r.out, "xx0 0x 1 1 1 1 1\n", "{}", r.err);
}

#[test]
fn advice_on_memory() {
    let source = r#"
        #define _GNU_SOURCE
        #include <errno.h>
        #include <stdio.h>
        #include <string.h>
        #include <sys/mman.h>
        #include <sys/wait.h>
        #include <unistd.h>
        int main() {
            char *p = mmap(0, 3 * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
            memset(p, 1, 3 * 4096);
            /* MADV_POPULATE_WRITE, MADV_WIPEONFORK, MADV_DONTNEED_LOCKED */
            printf("%d ", madvise(p, 3 * 4096, 23));
            printf("%d ", madvise(p + 4096, 4096, 18));
            printf("%d ", madvise(p + 8192, 4096, 24));
            fflush(stdout);
            int status;
            if (!fork()) _exit(p[0] + 2 * p[4096] + 4 * p[8192]);
            wait(&status);
            printf("%d%d%d %d ", p[0], p[4096], p[8192], WEXITSTATUS(status));
            munmap(p + 4096, 4096);
            printf("%d ", madvise(p, 3 * 4096, MADV_HUGEPAGE) == -1 && errno == ENOMEM);
            printf("%d ", madvise(p + 1, 4096, MADV_WILLNEED) == -1 && errno == EINVAL);
            printf("%d\n", madvise(p, 4096, 77) == -1 && errno == EINVAL);
            return 0;
        }"#;
    let Some(r) = run(source, "c", &[], "") else { return };
    assert_eq!(r.out, "0 0 0 110 1 1 1 1\n", "{}", r.err);
}

#[test]
fn a_stack_that_may_be_executed() {
    // GCC puts code on the stack for a nested function whose address is taken, and says so in PT_GNU_STACK.
    let source = r#"
        #include <stdio.h>
        static int apply(int (*f)(int), int x) { return f(x); }
        int main(int argc, char **argv) {
            int k = argc + 4;
            int add(int x) { return x + k; }
            printf("%d\n", apply(add, 10));
            return 0;
        }"#;
    let Some(r) = run(source, "c", &[], "") else { return };
    assert_eq!(r.out, "15\n", "{}", r.err);
}

#[test]
fn code_written_without_fence_runs() {
    // A JIT's habit: write, call, patch in place, call again, with data on the same page.
    let source = r#"
        #include <stdio.h>
        #include <sys/mman.h>
        int main() {
            unsigned *code = mmap(0, 4096, 7, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
            long sum = 0;
            code[1] = 0x00008067; // ret
            for (unsigned i = 0; i < 1000; i++) {
                code[0] = 0x00000513 | i % 2000 << 20; // li a0, i
                asm volatile("" ::: "memory");
                sum += ((long (*)(void))code)();
                code[512]++;
            }
            printf("%ld %u\n", sum, code[512]);
            return 0;
        }"#;
    let Some(r) = run(source, "c", &[], "") else { return };
    assert_eq!(r.out, "499500 1000\n", "{}", r.err);
}

#[test]
fn code_written_through_another_mapping_needs_a_fence() {
    let source = r#"
        #define _GNU_SOURCE
        #include <stdio.h>
        #include <sys/mman.h>
        #include <unistd.h>
        int main() {
            int fd = memfd_create("jit", 0);
            ftruncate(fd, 4096);
            unsigned *w = mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
            long (*x)(void) = mmap(0, 4096, PROT_READ | PROT_EXEC, MAP_SHARED, fd, 0);
            long sum = 0;
            w[1] = 0x00008067; // ret
            for (unsigned i = 0; i < 100; i++) {
                w[0] = 0x00000513 | i << 20; // li a0, i
                if (i & 1) asm volatile("fence.i" ::: "memory"); else __builtin___clear_cache(w, w + 1);
                sum += x();
            }
            printf("%ld\n", sum);
            return 0;
        }"#;
    let Some(r) = run(source, "c", &[], "") else { return };
    assert_eq!(r.out, "4950\n", "{}", r.err);
}

#[test]
fn fork_exec_and_wait() {
    let source = r#"
        #include <stdio.h>
        #include <stdlib.h>
        #include <sys/wait.h>
        #include <unistd.h>
        int main(int argc, char **argv) {
            if (argc > 1) { printf("child %s\n", argv[1]); return 5; }
            int status;
            fflush(stdout);
            if (!fork()) { execl("/proc/self/exe", "me", "runs", NULL); _exit(1); }
            wait(&status);
            printf("exited %d %d\n", WIFEXITED(status), WEXITSTATUS(status));
            fflush(stdout);
            if (!fork()) abort();
            wait(&status);
            printf("signalled %d %d\n", WIFSIGNALED(status), WTERMSIG(status));
            return 0;
        }"#;
    let Some(r) = run(source, "c", &[], "") else { return };
    assert_eq!(r.out, "child runs\nexited 1 5\nsignalled 1 6\n", "{}", r.err);
}

#[test]
fn timers_end_with_the_program() {
    let source = r#"
        #include <signal.h>
        #include <stdio.h>
        #include <string.h>
        #include <sys/syscall.h>
        #include <sys/time.h>
        #include <time.h>
        #include <unistd.h>
        static void nothing(int s) { (void)s; }
        int main(int argc, char **argv) {
            struct itimerval often = {{0, 1000}, {0, 1000}};
            struct itimerspec often2 = {{0, 1000000}, {0, 1000000}};
            int again = argc > 1 && !strcmp(argv[1], "again");
            if (again) {
                // The timer of timer_create is gone, the other one is not; actions are the default again.
                timer_t old = 0;
                sigset_t set;
                sigemptyset(&set);
                sigaddset(&set, SIGALRM);
                struct timespec second = {1, 0};
                int gone = syscall(SYS_timer_gettime, old, &often2) != 0;
                int alarm = sigtimedwait(&set, 0, &second) == SIGALRM;
                printf("after exec: %d %d\n", gone, alarm);
            }
            struct sigaction action;
            memset(&action, 0, sizeof action);
            action.sa_handler = nothing;
            sigaction(SIGUSR1, &action, 0);
            sigaction(SIGALRM, &action, 0);
            sigset_t all;
            sigfillset(&all);
            sigprocmask(SIG_UNBLOCK, &all, 0);
            timer_t timer;
            struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1};
            if (timer_create(CLOCK_MONOTONIC, &event, &timer) || timer_settime(timer, 0, &often2, 0)) return 1;
            if (setitimer(ITIMER_REAL, &often, 0)) return 2;
            pause();
            if (argc == 1) {
                // What comes in between would end the program.
                sigprocmask(SIG_BLOCK, &all, 0);
                execl("/proc/self/exe", "x", "again", (char *)0);
                return 3;
            }
            return 7;
        }
    "#;
    let Some(program) = compile(source, "c", &["-O1"]) else { return };
    // Here, so that a timer that goes on ends this process.
    let mut machine = Machine::builder(&program.0).args(["end"]).build().expect("a machine");
    let exit = machine.run().exit;
    std::thread::sleep(std::time::Duration::from_millis(50));
    assert_eq!(exit, emu::Exit::Code(7));
    let ran = run(source, "c", &[], "").expect("compiled");
    assert_eq!((ran.out.as_str(), ran.status), ("after exec: 1 1\n", 7), "{}", ran.err);
}

#[test]
fn queues_semaphores_and_shared_segments() {
    let source = r#"
        #define _GNU_SOURCE
        #include <errno.h>
        #include <mqueue.h>
        #include <stdio.h>
        #include <stdlib.h>
        #include <string.h>
        #include <sys/ipc.h>
        #include <sys/mman.h>
        #include <sys/msg.h>
        #include <sys/sem.h>
        #include <sys/shm.h>
        #include <sys/wait.h>
        #include <unistd.h>
        #define CHECK(x) do { if (!(x)) { printf("line %d: %s: %s\n", __LINE__, #x, strerror(errno)); exit(1); } } while (0)
        union semun { int val; struct semid_ds *buf; unsigned short *array; };
        struct message { long type; char text[16]; };
        int main(void) {
            int shm = shmget(IPC_PRIVATE, 3 * 4096 - 100, IPC_CREAT | 0640);
            CHECK(shm >= 0);
            struct shmid_ds segment;
            CHECK(!shmctl(shm, IPC_STAT, &segment));
            CHECK(segment.shm_segsz == 3 * 4096 - 100 && segment.shm_nattch == 0 && (segment.shm_perm.mode & 0777) == 0640);
            char *a = shmat(shm, 0, 0), *b = shmat(shm, 0, SHM_RDONLY);
            CHECK(a != (void *)-1 && b != (void *)-1 && a != b);
            strcpy(a, "shared");
            CHECK(!strcmp(b, "shared"));
            CHECK(shmat(shm, a + 100, 0) == (void *)-1 && errno == EINVAL);
            CHECK(shmat(shm, a, 0) == (void *)-1 && errno == EINVAL);
            CHECK(shmdt(a + 4096) && errno == EINVAL);
            CHECK(!mprotect(b + 4096, 4096, PROT_NONE));
            CHECK(!shmdt(b));
            CHECK(mincore(b, 4096, (unsigned char *)a) && errno == ENOMEM && mincore(b + 8192, 1, (unsigned char *)a));
            char *c = shmat(shm, a + 77, SHM_RND | SHM_REMAP);
            CHECK(c == a && !strcmp(a, "shared"));
            CHECK(!shmctl(shm, IPC_STAT, &segment) && segment.shm_nattch == 1);

            int sem = semget(IPC_PRIVATE, 3, IPC_CREAT | 0600), queue = msgget(IPC_PRIVATE, IPC_CREAT | 0600);
            CHECK(sem >= 0 && queue >= 0);
            unsigned short values[3] = {0, 2, 7};
            CHECK(!semctl(sem, 0, SETALL, (union semun){.array = values}));
            CHECK(!semctl(sem, 1, SETVAL, (union semun){.val = 5}) && semctl(sem, 1, GETVAL) == 5);
            struct semid_ds set;
            memset(&set, 0xee, sizeof set);
            CHECK(!semctl(sem, 0, IPC_STAT, (union semun){.buf = &set}));
            CHECK(set.sem_nsems == 3 && set.sem_otime == 0 && set.sem_ctime > 1500000000 && (set.sem_perm.mode & 0777) == 0600);
            set.sem_perm.mode = 0660;
            CHECK(!semctl(sem, 0, IPC_SET, (union semun){.buf = &set}));
            struct sembuf take = {0, -1, IPC_NOWAIT}, give = {0, 1, 0};
            CHECK(semop(sem, &take, 1) && errno == EAGAIN);
            struct timespec moment = {0, 1000000};
            take.sem_flg = 0;
            CHECK(semtimedop(sem, &take, 1, &moment) && errno == EAGAIN);

            struct mq_attr attributes = {.mq_maxmsg = 4, .mq_msgsize = 32};
            char name[40];
            sprintf(name, "/mj-test-%d", getpid());
            mqd_t posix = mq_open(name, O_CREAT | O_RDWR | O_EXCL, 0600, &attributes);
            CHECK(posix >= 0 && !mq_unlink(name));
            if (!fork()) {
                struct message m;
                CHECK(msgrcv(queue, &m, sizeof m.text, 3, 0) == 6 && !strcmp(m.text, "hello"));
                strcat(a, " memory");
                CHECK(!mq_send(posix, "posix", 6, 9));
                CHECK(!semop(sem, &give, 1));
                exit(0);
            }
            struct message other = {2, "other"}, hello = {3, "hello"};
            CHECK(!msgsnd(queue, &other, 6, 0) && !msgsnd(queue, &hello, 6, 0));
            CHECK(!semop(sem, &take, 1));
            char text[32];
            unsigned priority;
            CHECK(mq_receive(posix, text, sizeof text, &priority) == 6 && !strcmp(text, "posix") && priority == 9);
            CHECK(!mq_getattr(posix, &attributes) && attributes.mq_msgsize == 32 && attributes.mq_curmsgs == 0);
            int status;
            wait(&status);
            CHECK(status == 0);
            CHECK(!semctl(sem, 0, GETALL, (union semun){.array = values}));
            struct msqid_ds left;
            CHECK(!msgctl(queue, IPC_STAT, &left));
            printf("%s; %d %d %d; %lu left\n", a, values[0], values[1], values[2], (unsigned long)left.msg_qnum);
            CHECK(!semctl(sem, 0, IPC_RMID) && !msgctl(queue, IPC_RMID, 0) && !shmctl(shm, IPC_RMID, 0));
            CHECK(!shmdt(a));
            CHECK(shmctl(shm, IPC_STAT, &segment) && (errno == EINVAL || errno == EIDRM));
            return 0;
        }
    "#;
    let Some(ran) = run(source, "c", &[], "") else { return };
    assert_eq!((ran.out.as_str(), ran.status), ("shared memory; 0 5 7; 1 left\n", 0), "{}", ran.err);
}

#[test]
fn strace_prints_calls() {
    let source = r#"
        #include <fcntl.h>
        #include <unistd.h>
        int main() { write(1, "hi\n", 3); open("/nonexistent", O_RDONLY | O_CLOEXEC); return 0; }"#;
    let Some(r) = run(source, "c", &[], "strace") else { return };
    assert!(r.err.contains("write(1, \"hi\\n\", 3) = 3"), "{}", r.err);
    let open =
        "openat(AT_FDCWD, \"/nonexistent\", O_RDONLY|O_CLOEXEC) = -1 ENOENT (No such file or directory)";
    assert!(r.err.contains(open), "{}", r.err);
    assert!(r.err.contains("exit_group(0) = ?"), "{}", r.err);
}

#[test]
fn deterministic_runs_print_the_same() {
    let source = r#"
        #include <stdio.h>
        #include <stdlib.h>
        #include <sys/random.h>
        #include <time.h>
        #include <unistd.h>
        int main() {
            unsigned long r; getrandom(&r, 8, 0);
            struct timespec t, w = {3, 0};
            nanosleep(&w, 0);
            clock_gettime(CLOCK_REALTIME, &t);
            printf("%lx %ld.%09ld %d %p %p\n", r, t.tv_sec, t.tv_nsec, getpid(), &r, malloc(10));
            return 0;
        }"#;
    let Some(a) = run(source, "c", &[], "deterministic") else { return };
    let Some(b) = run(source, "c", &[], "deterministic") else { return };
    assert!(a.out.contains("1704067203."), "the sleep moves the clock: {}", a.out);
    assert_eq!(a.out, b.out);
}

#[test]
fn a_crash_report_names_the_function() {
    let source = r#"
        __attribute__((noinline)) void broken(long *p) { *p = 1; asm volatile(""); }
        int main() { broken((long *)0x18); return 0; }"#;
    let Some(r) = run(source, "c", &[], "") else { return };
    assert_eq!(r.status, 128 + 11);
    assert!(r.err.contains("<broken") && r.err.contains("faulting address 0x18"), "{}", r.err);
}

#[test]
fn a_mapped_file_that_shrinks_is_a_bus_error() {
    let source = r#"
        #define _GNU_SOURCE
        #include <sys/mman.h>
        #include <unistd.h>
        int main() {
            int fd = memfd_create("x", 0);
            ftruncate(fd, 8192);
            volatile char *m = mmap(0, 8192, PROT_READ, MAP_SHARED, fd, 0);
            ftruncate(fd, 0);
            (void)m[4096];
            getppid();
            return 0;
        }"#;
    let Some(r) = run(source, "c", &[], "") else { return };
    assert_eq!(r.status, 128 + 7, "{}", r.err);
}
