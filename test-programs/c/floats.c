// Floating-point arithmetic, conversions, rounding modes, flags, libm and printing.
#include <fenv.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

static volatile double one = 1, three = 3, zero = 0, big = 1e308;

static unsigned long bits(double d) {
    unsigned long b;
    memcpy(&b, &d, sizeof b);
    return b;
}

int main(void) {
    printf("%.17g %.17g %.17g\n", one / three, sqrt(2.0), exp(one));
    printf("%.17g %.17g %.17g\n", sin(one), pow(2.5, 3.5), log(10.0 * one));
    printf("%a %a\n", one / three, nextafter(one, 2));
    printf("%f %f %d\n", one / zero, zero / zero, isnan(zero / zero));
    const int modes[] = {FE_TONEAREST, FE_TOWARDZERO, FE_DOWNWARD, FE_UPWARD};
    for (int i = 0; i < 4; i++) {
        fesetround(modes[i]);
        printf("%d: %lx %lx %ld %ld\n", i, bits(one / three), bits(-one / three), lrint(2.5 * one), lrint(-2.5 * one));
    }
    fesetround(FE_TONEAREST);
    feclearexcept(FE_ALL_EXCEPT);
    volatile double r = one / three;
    printf("inexact %d", fetestexcept(FE_INEXACT) != 0);
    r = big * 10;
    printf(" overflow %d", fetestexcept(FE_OVERFLOW) != 0);
    r = one / zero;
    printf(" divide %d", fetestexcept(FE_DIVBYZERO) != 0);
    r = zero / zero;
    printf(" invalid %d\n", fetestexcept(FE_INVALID) != 0);
    volatile float f = 16777216.0f;
    printf("%.1f %.1f %.9g\n", f + 1.0f, (double)f + 1.0, (float)0.1);
    printf("%ld %ld %lu\n", (long)-2.9, (long)(int)1e9, (unsigned long)1.8e19);
    printf("%.17g\n", fma(one + 0x1p-30, one - 0x1p-30, -one));
    return 0;
}
