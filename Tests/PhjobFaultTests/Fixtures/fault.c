// Preloaded into the runner: at the n-th call that changes something below a directory, something goes wrong.
//
// FAULT_ROOT   the directory
// FAULT_AT     n, from 1 on; 0 for none
// FAULT_DO     kill    the process is killed in place of the call
//              torn    half of a write is done, then the process is killed
//              short   half of a write is done, and said to be all that was
//              eio, enospc   the call fails with that; removals do not fail for want of space
//              lazy    from the n-th call on, fsync(2) does nothing
// FAULT_CALL   only calls of this name count; with FAULT_PATH, only on what this pattern of glob(7) fits below the directory
// FAULT_CLOCK  a file that holds by how many seconds the time of day is changed, if it is there
// FAULT_LOG    a file that gets a line for each call that counts: number, call, path
//
// For torn and short only writes count. Only the process that it is loaded into is meant: no child inherits it.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

enum kind { WRITE, SYNC, MAKE, REMOVE };
enum action { NOTHING, KILL, TORN, SHORT, FAIL_IO, FAIL_SPACE, LAZY };

static atomic_long calls;
static long at;
static enum action action;
static const char *root, *only_call, *only_path;
static size_t root_length;
static int log_file = -1;

__attribute__((constructor)) static void begin(void) {
    const char *what = getenv("FAULT_DO"), *number = getenv("FAULT_AT"), *log = getenv("FAULT_LOG");
    root = getenv("FAULT_ROOT");
    root_length = root ? strlen(root) : 0;
    at = number ? atol(number) : 0;
    only_call = getenv("FAULT_CALL");
    only_path = getenv("FAULT_PATH");
    const char *names[] = {"", "kill", "torn", "short", "eio", "enospc", "lazy"};
    for (int i = 1; what && i < 7; i++)
        if (!strcmp(what, names[i])) action = i;
    if (log) log_file = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
}

#define NEXT(name)                                                                                                     \
    static __typeof__(&name) next;                                                                                     \
    if (!next) next = (__typeof__(&name))dlsym(RTLD_NEXT, #name)

static int is_below(const char *path) {
    return root && !strncmp(path, root, root_length) && (path[root_length] == '/' || !path[root_length]);
}

// The path of a descriptor below the root; 0 for any other.
static int of_descriptor(int fd, char *path) {
    char link[64];
    if (fd < 3 || fd == log_file) return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, PATH_MAX - 1);
    path[length > 0 ? length : 0] = 0;
    return length > 0 && is_below(path);
}

static int of_name(int directory, const char *name, char *path) {
    if (name[0] == '/') {
        snprintf(path, PATH_MAX, "%s", name);
        return is_below(path);
    }
    char above[PATH_MAX];
    if (directory == AT_FDCWD || !of_descriptor(directory, above)) return 0;
    snprintf(path, PATH_MAX, "%s/%s", above, name);
    return 1;
}

// What is to happen to a call that counts. KILL does not come back.
static enum action hit(enum kind kind, const char *call, const char *path) {
    if ((action == TORN || action == SHORT) && kind != WRITE) return NOTHING;
    if (only_call && strcmp(only_call, call)) return NOTHING;
    if (only_path && fnmatch(only_path, path + root_length, FNM_PATHNAME | FNM_EXTMATCH)) return NOTHING;
    long number = atomic_fetch_add(&calls, 1) + 1;
    if (log_file >= 0) dprintf(log_file, "%ld %s %s\n", number, call, path + root_length);
    if (action == LAZY) return number >= at ? LAZY : NOTHING;
    if (number != at) return NOTHING;
    if (action == KILL) kill(getpid(), SIGKILL), pause();
    if (action == FAIL_SPACE && kind == REMOVE) return NOTHING;
    if (action == FAIL_IO) errno = EIO;
    if (action == FAIL_SPACE) errno = ENOSPC;
    return action;
}

static int fails(enum action what) { return what == FAIL_IO || what == FAIL_SPACE; }

ssize_t write(int fd, const void *bytes, size_t count) {
    NEXT(write);
    char path[PATH_MAX];
    int error = errno;
    if (!of_descriptor(fd, path)) { errno = error; return next(fd, bytes, count); }
    enum action what = hit(WRITE, "write", path);
    if (fails(what)) return -1;
    if (what == TORN || what == SHORT) count /= 2;
    ssize_t result = next(fd, bytes, count);
    if (what == TORN) kill(getpid(), SIGKILL), pause();
    return result;
}

int clock_gettime(clockid_t clock, struct timespec *time) {
    NEXT(clock_gettime);
    static const char *name;
    if (!name && !(name = getenv("FAULT_CLOCK"))) name = "";
    int result = next(clock, time), error = errno;
    FILE *file = clock == CLOCK_REALTIME && *name ? fopen(name, "re") : NULL;
    if (file) {
        long seconds = 0;
        if (fscanf(file, "%ld", &seconds) == 1) time->tv_sec += seconds;
        fclose(file);
    }
    errno = error;
    return result;
}

#define ON_DESCRIPTOR(kind, name, parameters, arguments)                                                               \
    int name parameters {                                                                                              \
        NEXT(name);                                                                                                    \
        char path[PATH_MAX];                                                                                           \
        if (of_descriptor(fd, path) && fails(hit(kind, #name, path))) return -1;                                       \
        return next arguments;                                                                                         \
    }
ON_DESCRIPTOR(WRITE, ftruncate, (int fd, off_t length), (fd, length))
ON_DESCRIPTOR(WRITE, fallocate, (int fd, int mode, off_t offset, off_t length), (fd, mode, offset, length))

// Unlike the others it returns its error.
int posix_fallocate(int fd, off_t offset, off_t length) {
    NEXT(posix_fallocate);
    char path[PATH_MAX];
    if (of_descriptor(fd, path) && fails(hit(WRITE, "posix_fallocate", path))) return errno;
    return next(fd, offset, length);
}

static int synchronize(int (*next)(int), const char *call, int fd) {
    char path[PATH_MAX];
    if (of_descriptor(fd, path)) {
        enum action what = hit(SYNC, call, path);
        if (fails(what)) return -1;
        if (what == LAZY) return 0;
    }
    return next(fd);
}
int fsync(int fd) { NEXT(fsync); return synchronize(next, "fsync", fd); }
int fdatasync(int fd) { NEXT(fdatasync); return synchronize(next, "fdatasync", fd); }

#define ON_NAME(kind, name, directory, file, parameters, arguments)                                                    \
    int name parameters {                                                                                              \
        NEXT(name);                                                                                                    \
        char path[PATH_MAX];                                                                                           \
        if (of_name(directory, file, path) && fails(hit(kind, #name, path))) return -1;                                \
        return next arguments;                                                                                         \
    }
ON_NAME(MAKE, rename, AT_FDCWD, to, (const char *from, const char *to), (from, to))
ON_NAME(MAKE, renameat, at_to, to, (int at_from, const char *from, int at_to, const char *to), (at_from, from, at_to, to))
ON_NAME(MAKE, renameat2, at_to, to, (int at_from, const char *from, int at_to, const char *to, unsigned flags),
        (at_from, from, at_to, to, flags))
ON_NAME(MAKE, link, AT_FDCWD, to, (const char *from, const char *to), (from, to))
ON_NAME(MAKE, linkat, at_to, to, (int at_from, const char *from, int at_to, const char *to, int flags),
        (at_from, from, at_to, to, flags))
ON_NAME(MAKE, symlink, AT_FDCWD, to, (const char *target, const char *to), (target, to))
ON_NAME(MAKE, symlinkat, at_to, to, (const char *target, int at_to, const char *to), (target, at_to, to))
ON_NAME(MAKE, mkdir, AT_FDCWD, name, (const char *name, mode_t mode), (name, mode))
ON_NAME(MAKE, mkdirat, fd, name, (int fd, const char *name, mode_t mode), (fd, name, mode))
ON_NAME(REMOVE, unlink, AT_FDCWD, name, (const char *name), (name))
ON_NAME(REMOVE, rmdir, AT_FDCWD, name, (const char *name), (name))
ON_NAME(REMOVE, unlinkat, fd, name, (int fd, const char *name, int flags), (fd, name, flags))

#define OPENING(symbol, directory, parameters, arguments)                                                              \
    int symbol parameters {                                                                                            \
        NEXT(symbol);                                                                                                  \
        va_list rest;                                                                                                  \
        va_start(rest, flags);                                                                                         \
        mode_t mode = flags & (O_CREAT | __O_TMPFILE) ? va_arg(rest, mode_t) : 0;                                      \
        va_end(rest);                                                                                                  \
        char path[PATH_MAX];                                                                                           \
        if ((flags & O_CREAT || (flags & O_ACCMODE) != O_RDONLY) && of_name(directory, name, path) &&                  \
            fails(hit(MAKE, #symbol, path)))                                                                           \
            return -1;                                                                                                 \
        return next arguments;                                                                                         \
    }
OPENING(open, AT_FDCWD, (const char *name, int flags, ...), (name, flags, mode))
OPENING(open64, AT_FDCWD, (const char *name, int flags, ...), (name, flags, mode))
OPENING(openat, fd, (int fd, const char *name, int flags, ...), (fd, name, flags, mode))
OPENING(openat64, fd, (int fd, const char *name, int flags, ...), (fd, name, flags, mode))
