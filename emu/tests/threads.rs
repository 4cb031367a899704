//! Threads share what is translated: the same code in several threads at once, counted exactly, while one of them
//! changes some of it. Skipped where there is no cross compiler.

mod common;

use common::{Way, compile};
use emu::{Exit, Machine};

const THREADS: u64 = 4;
const ROUNDS: u64 = 30_000;

/// Each thread goes through calls of known functions by pointers, with one `mulhsu` and one `remuw` in each round, and
/// through a function that the first thread writes anew all the time. The exit status says what went wrong.
const SOURCE: &str = r#"
    #include <pthread.h>
    #include <sys/mman.h>
    #define SAY(n) __attribute__((noinline)) static long f##n(long x) { return x * n + (x >> n); }
    SAY(1) SAY(2) SAY(3) SAY(5) SAY(7)
    static long (*const table[])(long) = { f1, f2, f3, f5, f7 };
    static unsigned *written;
    static volatile int started, over;
    static long work(void) {
        long sum = 1;
        for (long i = 0; i < ROUNDS; i++) {
            long x;
            asm volatile("mulhsu %0, %1, %2" : "=r"(x) : "r"(sum), "r"(i));
            asm volatile("remuw %0, %1, %2" : "=r"(x) : "r"(x), "r"(i + 1));
            sum = sum * 31 + table[(sum ^ i) % 5 & 3](x);
        }
        return sum;
    }
    static void *other(void *arg) {
        __atomic_add_fetch(&started, 1, __ATOMIC_SEQ_CST);
        long calls = 0, sum = work();
        while (!over) {
            unsigned long got = ((unsigned long (*)(void))written)();
            if (got >= 100) return (void *)1;
            calls++;
        }
        // The last write is seen by all.
        if (((long (*)(void))written)() != 99) return (void *)2;
        return sum == work() ? 0 : (void *)3;
    }
    int main(void) {
        pthread_t threads[THREADS];
        written = mmap(0, 4096, 7, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        written[0] = 0x00000513; // li a0, 0
        written[1] = 0x00008067; // ret
        for (int i = 0; i < THREADS; i++)
            if (pthread_create(&threads[i], 0, other, 0)) return 10;
        while (started < THREADS) {}
        for (unsigned i = 0; i < 100; i++) {
            __atomic_store_n(&written[0], 0x00000513 | i << 20, __ATOMIC_SEQ_CST);
            __builtin___clear_cache((char *)written, (char *)written + 8);
            if (((long (*)(void))written)() != i) return 11;
        }
        over = 1;
        int status = 0;
        for (int i = 0; i < THREADS; i++) {
            void *result;
            pthread_join(threads[i], &result);
            status |= (int)(long)result;
        }
        return status;
    }"#;

#[test]
fn threads_run_the_same_code_and_are_counted() {
    let source = SOURCE.replace("THREADS", &THREADS.to_string()).replace("ROUNDS", &ROUNDS.to_string());
    let Some(program) = compile(&source, "c", &["-O1", "-pthread"]) else { return };
    for way in Way::ALL {
        let builder = Machine::builder(&program.0).mode(way.mode()).thresholds(way.thresholds());
        let outcome = builder.build().expect("a machine").run();
        assert_eq!(outcome.exit, Exit::Code(0), "{way:?}: {:?}", outcome.crash);
        for mnemonic in ["mulhsu", "remuw"] {
            let count = outcome.stats.total.by_mnemonic.get(mnemonic).copied();
            assert_eq!(count, Some(2 * THREADS * ROUNDS), "{way:?}: {mnemonic}");
        }
    }
}
