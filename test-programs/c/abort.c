// abort ends the program with SIGABRT: status 128 + 6.
// status: 134
// stderr: SIGABRT
#include <stdlib.h>

int main(void) { abort(); }
