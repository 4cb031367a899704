// Arguments, the environment and buffered output.
// run: one "two words" three
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv) {
    for (int i = 1; i < argc; i++) printf("%d %s\n", i, argv[i]);
    printf("%s\n", getenv("NOT_SET_ANYWHERE") ? "set" : "not set");
    fprintf(stdout, "%5.2f|%-6d|%#x|%lld|%s\n", 3.14159, 42, 255, -1234567890123LL, "text");
    return 0;
}
