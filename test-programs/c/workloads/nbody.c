/* Planets under gravity: double-precision arithmetic with square roots and divisions. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define N 5
typedef struct { double x, y, z, vx, vy, vz, mass; } Body;

static Body bodies[N] = {
    { 0, 0, 0, 0, 0, 0, 39.47 },
    { 4.84, -1.16, -0.10, 0.606, 2.81, -0.02, 0.037 },
    { 8.34, 4.12, -0.40, -1.01, 1.82, 0.008, 0.011 },
    { 12.89, -15.11, -0.22, 1.08, 0.868, -0.010, 0.0017 },
    { 15.37, -25.91, 0.17, 0.979, 0.594, -0.034, 0.002 },
};

static void advance(double dt) {
    for (int i = 0; i < N; i++) {
        Body *a = &bodies[i];
        for (int j = i + 1; j < N; j++) {
            Body *b = &bodies[j];
            double dx = a->x - b->x, dy = a->y - b->y, dz = a->z - b->z;
            double d2 = dx * dx + dy * dy + dz * dz;
            double mag = dt / (d2 * sqrt(d2));
            a->vx -= dx * b->mass * mag;
            a->vy -= dy * b->mass * mag;
            a->vz -= dz * b->mass * mag;
            b->vx += dx * a->mass * mag;
            b->vy += dy * a->mass * mag;
            b->vz += dz * a->mass * mag;
        }
    }
    for (int i = 0; i < N; i++) {
        bodies[i].x += dt * bodies[i].vx;
        bodies[i].y += dt * bodies[i].vy;
        bodies[i].z += dt * bodies[i].vz;
    }
}

int main(int argc, char **argv) {
    int steps = argc > 1 ? atoi(argv[1]) : 3000000;
    for (int i = 0; i < steps; i++) advance(0.001);
    double e = 0;
    for (int i = 0; i < N; i++)
        e += 0.5 * bodies[i].mass
            * (bodies[i].vx * bodies[i].vx + bodies[i].vy * bodies[i].vy + bodies[i].vz * bodies[i].vz);
    printf("%.3f\n", e);
    return 0;
}
