// Files and directories: open, write, seek, read, stat, rename, unlink, errors.
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int main(void) {
    char dir[] = "/tmp/mj-files-XXXXXX";
    if (!mkdtemp(dir) || chdir(dir)) return perror("mkdtemp"), 1;
    FILE *f = fopen("a", "w+");
    for (int i = 0; i < 1000; i++) fprintf(f, "line %d\n", i);
    fseek(f, 0, SEEK_SET);
    char line[64];
    int n = 0;
    while (fgets(line, sizeof line, f)) n++;
    printf("%d lines, last %s", n, line);
    fclose(f);
    struct stat st;
    printf("stat %d, size %ld, regular %d\n", stat("a", &st), (long)st.st_size, S_ISREG(st.st_mode));
    printf("rename %d\n", rename("a", "b"));
    printf("open %d, %s\n", open("a", O_RDONLY), strerror(errno));
    int fd = open("b", O_RDWR);
    printf("seek %ld\n", (long)lseek(fd, -9, SEEK_END));
    char tail[10] = {0};
    printf("read %zd %s", read(fd, tail, 9), tail);
    printf("truncate %d\n", ftruncate(fd, 5));
    fstat(fd, &st);
    printf("size %ld\n", (long)st.st_size);
    close(fd);
    printf("closed %zd, %s\n", read(fd, tail, 1), strerror(errno));
    printf("unlink %d, rmdir %d\n", unlink("b"), rmdir(dir));
    void *volatile bad = (void *)8;
    printf("bad pointer %zd, %s\n", write(1, bad, 4), strerror(errno));
    return 0;
}
