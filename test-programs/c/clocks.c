// Clocks go forward and agree with each other.
#include <stdio.h>
#include <sys/time.h>
#include <time.h>

static double now(clockid_t clock) {
    struct timespec t;
    clock_gettime(clock, &t);
    return t.tv_sec + t.tv_nsec / 1e9;
}

int main(void) {
    double a = now(CLOCK_MONOTONIC);
    struct timespec pause = {0, 2000000};
    nanosleep(&pause, NULL);
    double b = now(CLOCK_MONOTONIC);
    printf("slept %d\n", b - a >= 0.002);
    struct timeval tv;
    gettimeofday(&tv, NULL);
    double real = now(CLOCK_REALTIME), difference = real - (tv.tv_sec + tv.tv_usec / 1e6);
    printf("agree %d\n", difference >= 0 && difference < 5 && time(NULL) - tv.tv_sec < 5);
    unsigned long cycles, later;
    asm volatile("rdcycle %0" : "=r"(cycles));
    asm volatile("rdcycle %0" : "=r"(later));
    printf("cycles %d\n", later > cycles);
    printf("process time %d\n", clock() >= 0);
    return 0;
}
