// Linux calls and constants that Swift's Glibc module does not show. Declarations and wrappers of a few lines only.
#ifndef PHJOB_LINUX_H
#define PHJOB_LINUX_H

#include <linux/stat.h>
#include <malloc.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <unistd.h>

// pidfd_open(2), since Linux 5.3. A wrapper exists only since glibc 2.36.
static inline int phjob_pidfd_open(pid_t pid) {
    return (int)syscall(434, pid, 0U);
}

// pidfd_send_signal(2), since Linux 5.1. Without a wrapper before glibc 2.36.
static inline int phjob_pidfd_send_signal(int pidfd, int signal) {
    return (int)syscall(424, pidfd, signal, (void *)0, 0U);
}

// poll(2): POLLRDHUP needs _GNU_SOURCE.
static const short phjob_POLLRDHUP = 0x2000;

// unix(7): the struct ucred of SO_PEERCRED needs _GNU_SOURCE.
struct phjob_ucred {
    pid_t pid;
    uid_t uid;
    gid_t gid;
};
static const int phjob_SO_PEERCRED = 17;

// accept4(2) needs _GNU_SOURCE. No descriptor of ours may reach an engine's daemon.
static inline int phjob_accept(int listener) {
    return (int)syscall(SYS_accept4, listener, (void *)0, (void *)0, SOCK_CLOEXEC);
}

// pipe2(2) needs _GNU_SOURCE.
static inline int phjob_pipe_cloexec(int descriptors[2]) {
    return (int)syscall(SYS_pipe2, descriptors, 02000000);
}

// sched_getaffinity(2) of this process: needs _GNU_SOURCE. Returns the number of bytes of the mask that were filled.
static inline int phjob_sched_getaffinity(uint8_t *mask, size_t size) {
    return (int)syscall(SYS_sched_getaffinity, 0, size, mask);
}

// posix_spawnattr_setflags(3): POSIX_SPAWN_SETSID needs _GNU_SOURCE.
static const short phjob_POSIX_SPAWN_SETSID = 0x80;

// readdir(3) under its other name: on machines of 64 bits both are the same, and this one nobody else takes the place of.
void *_Nullable phjob_glibc_readdir(void *_Nonnull stream) __asm__("readdir64");

// A place of PHJOB_PLACE_SIZE bytes of this thread's own, and another one at each of the next calls.
#define PHJOB_PLACES 8
#define PHJOB_PLACE_SIZE 280
static inline void *_Nonnull phjob_next_thread_place(void) {
    static _Thread_local _Alignas(8) char places[PHJOB_PLACES][PHJOB_PLACE_SIZE];
    static _Thread_local unsigned next;
    return places[next++ % PHJOB_PLACES];
}

// memrchr(3) needs _GNU_SOURCE.
const void *_Nullable phjob_memrchr(const void *_Nonnull start, int byte, size_t count) __asm__("memrchr");

// statx(2) of an open file: when it was made, in milliseconds since 1970; -1 if its file system does not know.
static inline int64_t phjob_birth_time(int descriptor) {
    struct statx status;
    // AT_EMPTY_PATH
    if (syscall(SYS_statx, descriptor, "", 0x1000, STATX_BTIME, &status) != 0) return -1;
    if (!(status.stx_mask & STATX_BTIME)) return -1;
    return (int64_t)status.stx_btime.tv_sec * 1000 + status.stx_btime.tv_nsec / 1000000;
}

// open(2): O_PATH needs _GNU_SOURCE.
static const int phjob_O_PATH = 010000000;

// PR_SET_NAME of prctl(2), which is variadic; pthread_setname_np(3) needs _GNU_SOURCE.
static inline void phjob_set_thread_name(const char *name) {
    prctl(PR_SET_NAME, name, 0, 0, 0);
}

// epoll_create1(2) and epoll_ctl(2): EPOLL_CLOEXEC and the packed struct epoll_event are awkward from Swift.
static inline int phjob_epoll_create(void) {
    return epoll_create1(EPOLL_CLOEXEC);
}
static inline int phjob_epoll_add_readable(int epoll, int descriptor) {
    struct epoll_event event = {.events = EPOLLIN, .data = {.fd = descriptor}};
    return epoll_ctl(epoll, EPOLL_CTL_ADD, descriptor, &event);
}
static inline int phjob_epoll_add_exceptional(int epoll, int descriptor) {
    struct epoll_event event = {.events = EPOLLPRI, .data = {.fd = descriptor}};
    return epoll_ctl(epoll, EPOLL_CTL_ADD, descriptor, &event);
}
static inline int phjob_epoll_remove(int epoll, int descriptor) {
    return epoll_ctl(epoll, EPOLL_CTL_DEL, descriptor, (void *)0);
}

// The effective uid of this thread alone: setresuid(3) of glibc changes those of all threads (nptl(7)).
static inline int phjob_set_thread_euid(uid_t uid) {
    return (int)syscall(SYS_setresuid, (uid_t)-1, uid, (uid_t)-1);
}

// prctl(2) has a variable number of arguments.
static inline int phjob_become_subreaper(void) {
    return prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
}

#endif
