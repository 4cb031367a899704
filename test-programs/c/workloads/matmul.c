/* Product of square matrices of doubles, row by row. */
#include <stdio.h>
#include <stdlib.h>

#define N 320
static double a[N][N], b[N][N], c[N][N];

int main(int argc, char **argv) {
    int rounds = argc > 1 ? atoi(argv[1]) : 10;
    for (int i = 0; i < N; i++)
        for (int j = 0; j < N; j++) {
            a[i][j] = (i * 7 + j) % 11 - 5;
            b[i][j] = (i + j * 3) % 13 - 6;
        }
    for (int r = 0; r < rounds; r++)
        for (int i = 0; i < N; i++)
            for (int k = 0; k < N; k++) {
                double x = a[i][k];
                for (int j = 0; j < N; j++) c[i][j] += x * b[k][j];
            }
    double s = 0;
    for (int i = 0; i < N; i++) s += c[i][i] * (i % 5);
    printf("%.1f\n", s);
    return 0;
}
