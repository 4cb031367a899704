// Sockets with control messages, epoll, eventfd, timerfd, inotify, memfd, splice, pipes between processes, statx, xattr.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/select.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/timerfd.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

static void tcp(void) {
    int s = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), one = 1;
    setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof a;
    printf("bind %d listen %d name %d\n", bind(s, (void *)&a, sizeof a), listen(s, 5), getsockname(s, (void *)&a, &len));
    pid_t child = fork();
    if (!child) {
        int c = socket(AF_INET, SOCK_STREAM, 0);
        if (connect(c, (void *)&a, sizeof a)) _exit(1);
        struct iovec iov[2] = {{"hello ", 6}, {"server", 6}};
        if (writev(c, iov, 2) != 12) _exit(2);
        char buf[32];
        ssize_t n = recv(c, buf, sizeof buf, 0);
        _exit(n == 3 && !memcmp(buf, "bye", 3) ? 0 : 3);
    }
    struct sockaddr_in peer;
    len = sizeof peer;
    int c = accept4(s, (void *)&peer, &len, SOCK_CLOEXEC);
    char buf[32] = "";
    ssize_t n = recv(c, buf, 12, MSG_WAITALL);
    int type;
    len = sizeof type;
    getsockopt(c, SOL_SOCKET, SO_TYPE, &type, &len);
    printf("from %s: %zd %s, type %d\n", inet_ntoa(peer.sin_addr), n, buf, type == SOCK_STREAM);
    send(c, "bye", 3, MSG_NOSIGNAL);
    int status;
    waitpid(child, &status, 0);
    printf("client %d, shutdown %d\n", WEXITSTATUS(status), shutdown(c, SHUT_RDWR));
    printf("send after shutdown: %zd %s\n", send(c, "x", 1, MSG_NOSIGNAL), strerror(errno));
    close(c);
    close(s);
}

static void pass_descriptor(void) {
    int pair[2], memory = memfd_create("passed", MFD_CLOEXEC);
    socketpair(AF_UNIX, SOCK_STREAM, 0, pair);
    if (write(memory, "in memory", 9) != 9) return;
    char control[CMSG_SPACE(sizeof(int))] = {0};
    struct iovec iov = {"m", 1};
    struct msghdr m = {.msg_iov = &iov, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
    struct cmsghdr *h = CMSG_FIRSTHDR(&m);
    *h = (struct cmsghdr){.cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS, .cmsg_len = CMSG_LEN(sizeof(int))};
    memcpy(CMSG_DATA(h), &memory, sizeof memory);
    printf("sendmsg %zd", sendmsg(pair[0], &m, 0));
    char byte, back[CMSG_SPACE(sizeof(int))];
    iov.iov_base = &byte;
    m.msg_control = back;
    m.msg_controllen = sizeof back;
    printf(", recvmsg %zd", recvmsg(pair[1], &m, 0));
    h = CMSG_FIRSTHDR(&m);
    int got = -1;
    if (h && h->cmsg_type == SCM_RIGHTS) memcpy(&got, CMSG_DATA(h), sizeof got);
    char text[16] = "";
    printf(", pread %zd %s\n", pread(got, text, 9, 0), text);
    struct stat st;
    printf("fstat %d size %ld\n", fstat(got, &st), (long)st.st_size);
    close(got);
    close(memory);
    close(pair[0]);
    close(pair[1]);
}

static void events(void) {
    int ep = epoll_create1(0), ev = eventfd(0, EFD_NONBLOCK), tm = timerfd_create(CLOCK_MONOTONIC, 0);
    struct epoll_event e = {.events = EPOLLIN, .data.u64 = 0x1122334455667788};
    epoll_ctl(ep, EPOLL_CTL_ADD, ev, &e);
    e.data.u64 = 0x99;
    epoll_ctl(ep, EPOLL_CTL_ADD, tm, &e);
    struct epoll_event out[4];
    printf("epoll: nothing %d", epoll_wait(ep, out, 4, 0));
    uint64_t n = 5;
    if (write(ev, &n, 8) != 8) return;
    int r = epoll_wait(ep, out, 4, 1000);
    printf(", eventfd %d %x %llx", r, out[0].events, (unsigned long long)out[0].data.u64);
    printf(", counter %zd", read(ev, &n, 8));
    printf(" %d\n", (int)n);
    struct itimerspec t = {.it_value = {0, 10000000}};
    timerfd_settime(tm, 0, &t, NULL);
    r = epoll_wait(ep, out, 4, 2000);
    printf("timerfd %d %llx", r, (unsigned long long)out[0].data.u64);
    printf(" %zd", read(tm, &n, 8));
    printf(" %d\n", (int)n);
    fd_set set;
    FD_ZERO(&set);
    FD_SET(ev, &set);
    struct timeval tv = {0, 1000};
    printf("select %d\n", select(ev + 1, &set, NULL, NULL, &tv));
    close(ep);
    close(ev);
    close(tm);
}

static void files(void) {
    char dir[] = "/tmp/mj-test-XXXXXX", path[64], other[64];
    if (!mkdtemp(dir)) return;
    int in = inotify_init1(IN_NONBLOCK);
    inotify_add_watch(in, dir, IN_CREATE | IN_MOVED_TO | IN_DELETE);
    snprintf(path, sizeof path, "%s/a", dir);
    snprintf(other, sizeof other, "%s/b", dir);
    int fd = open(path, O_RDWR | O_CREAT | O_EXCL, 0640);
    printf("again: %d %s\n", open(path, O_RDWR | O_CREAT | O_EXCL, 0640), strerror(errno));
    if (write(fd, "0123456789", 10) != 10) return;
    int p[2];
    if (pipe2(p, O_CLOEXEC)) return;
    loff_t at = 2;
    char buf[16] = "";
    printf("splice %zd", splice(fd, &at, p[1], NULL, 5, 0));
    printf(" read %zd", read(p[0], buf, sizeof buf));
    printf(" %s at %ld\n", buf, (long)at);
    off_t from = 4;
    printf("sendfile %zd", sendfile(p[1], fd, &from, 3));
    printf(" at %ld\n", (long)from);
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_len = 4};
    printf("lock %d", fcntl(fd, F_SETLK, &lock));
    pid_t child = fork();
    if (!child) {
        struct flock q = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_len = 1};
        fcntl(fd, F_GETLK, &q);
        _exit(q.l_type == F_WRLCK && q.l_pid == getppid());
    }
    int status;
    waitpid(child, &status, 0);
    printf(" seen by child %d\n", WEXITSTATUS(status));
    rename(path, other);
    struct statx sx;
    printf("statx %d size %d mode %o\n", statx(AT_FDCWD, other, 0, STATX_ALL, &sx), (int)sx.stx_size, sx.stx_mode & 0777);
    printf("utimens %d", futimens(fd, (struct timespec[]){{1000, 5}, {2000, 6}}));
    struct stat st;
    fstat(fd, &st);
    printf(" %ld.%ld %ld.%ld\n", (long)st.st_atim.tv_sec, st.st_atim.tv_nsec, (long)st.st_mtim.tv_sec, st.st_mtim.tv_nsec);
    char *m = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    memcpy(m, "mapped", 6);
    msync(m, 4096, MS_SYNC);
    printf("mapped: %zd", pread(fd, buf, 8, 0));
    printf(" %.8s\n", buf);
    munmap(m, 4096);
    unlink(other);
    char events[4096];
    ssize_t n = read(in, events, sizeof events);
    for (char *e = events; e < events + n; e += sizeof(struct inotify_event) + ((struct inotify_event *)e)->len) {
        struct inotify_event *i = (void *)e;
        printf("inotify %x %s\n", i->mask, i->name);
    }
    close(fd);
    close(in);
    printf("rmdir %d\n", rmdir(dir));
}

int main(void) {
    setvbuf(stdout, NULL, _IONBF, 0);
    tcp();
    pass_descriptor();
    events();
    files();
    return 0;
}
