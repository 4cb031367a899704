/* Points of the Mandelbrot set: double-precision arithmetic in registers. */
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv) {
    int n = argc > 1 ? atoi(argv[1]) : 900;
    long inside = 0;
    for (int py = 0; py < n; py++)
        for (int px = 0; px < n; px++) {
            double cx = 3.0 * px / n - 2.0, cy = 2.0 * py / n - 1.0, x = 0, y = 0;
            int k = 0;
            for (; k < 200 && x * x + y * y <= 4.0; k++) {
                double t = x * x - y * y + cx;
                y = 2 * x * y + cy;
                x = t;
            }
            inside += k == 200;
        }
    printf("%ld\n", inside);
    return 0;
}
