// A library to preload: it numbers what a program does to the files below one folder, and makes the
// n-th of these steps fail, or kills the program there.
//
// A step is an open for writing, a write, an fsync or fdatasync, a rename, link, unlink, truncate or
// mkdir, taking blocks for a file (fallocate), or the close of a file that was open for writing. Steps are numbered from 1 over all
// threads of a process. Reads, locks, and memory maps are no steps. It sees what goes through the C
// library's symbols: the program must be linked dynamically, and stdio's own writes pass it by.
//
// Environment:
//   FAULT_FOLDER   the folder; without it the library does nothing
//   FAULT_LOG      a file that gets a line for each step, "number kind path", before it is done
//   FAULT_AT       the number of the step that the fault is for; without it there is none
//   FAULT_ACTION   kill-before, kill-after, kill-torn (a write brings half of its bytes, then the
//                  kill; other steps as kill-after), short (a write brings half), or the name of an
//                  error: ENOSPC, EIO, EINTR. A step that fails is not done, but a file that was to
//                  be closed is closed, as the kernel does.
//   FAULT_FOREVER  all: the fault is for all later steps as well; other: for every other one of them,
//                  so that what is tried again succeeds
//   FAULT_KINDS    kinds to number, with commas; all where not set
//   FAULT_WHEN     a file; steps are numbered only once it is there

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

enum kind { OPEN, WRITE, FSYNC, RENAME, LINK, UNLINK, TRUNCATE, MKDIR, ALLOCATE, CLOSE, KINDS };

static const char *const kind_names[KINDS] = {
  "open", "write", "fsync", "rename", "link", "unlink", "truncate", "mkdir", "allocate",
  "close",
};

enum action { NOTHING, KILL_BEFORE, KILL_AFTER, KILL_TORN, SHORT, ERROR };

// What is known of a descriptor: bits, by its number. Descriptors above the table are not watched.
enum { BELOW = 1, WRITABLE = 2 };
#define TABLE 65536
static _Atomic unsigned char descriptors[TABLE];

static struct {
  char folder[PATH_MAX];
  size_t length;  // of folder; 0: nothing is watched
  bool numbered[KINDS];
  enum action action;
  int error;
  unsigned long at;
  unsigned long every;  // of the steps from `at` on; 0: that step alone
  const char *when;
  int log;
} plan = {.log = -1};

static atomic_ulong steps;

// The C library's own function of the same name.
#define REAL(name) \
  static __typeof__(&name) real; \
  if (!real) real = (__typeof__(&name))dlsym(RTLD_NEXT, #name)

static void refuse(const char *what) {
  dprintf(2, "fault-shim: %s\n", what);
  _exit(99);
}

static void read_action(const char *text) {
  static const struct { const char *name; enum action action; int error; } actions[] = {
    {"kill-before", KILL_BEFORE, 0}, {"kill-after", KILL_AFTER, 0}, {"kill-torn", KILL_TORN, 0},
    {"short", SHORT, 0}, {"ENOSPC", ERROR, ENOSPC}, {"EIO", ERROR, EIO}, {"EINTR", ERROR, EINTR},
  };
  for (size_t i = 0; i < sizeof actions / sizeof *actions; i++) {
    if (strcmp(text, actions[i].name)) continue;
    plan.action = actions[i].action;
    plan.error = actions[i].error;
    return;
  }
  refuse("FAULT_ACTION is none that it knows");
}

static void read_kinds(const char *text) {
  for (int kind = 0; kind < KINDS; kind++) plan.numbered[kind] = !text;
  if (!text) return;
  char words[256], *rest = words;
  snprintf(words, sizeof words, "%s", text);
  for (char *word; (word = strsep(&rest, ","));) {
    int kind = 0;
    while (kind < KINDS && strcmp(word, kind_names[kind])) kind++;
    if (kind == KINDS) refuse("FAULT_KINDS names a kind that there is not");
    plan.numbered[kind] = true;
  }
}

__attribute__((constructor)) static void start(void) {
  const char *folder = getenv("FAULT_FOLDER");
  if (!folder) return;
  if (!realpath(folder, plan.folder)) refuse("FAULT_FOLDER is no folder");
  const char *log = getenv("FAULT_LOG");
  if (log) {
    int flags = O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC;
    plan.log = (int)syscall(SYS_openat, AT_FDCWD, log, flags, 0600);
    if (plan.log < 0) refuse("FAULT_LOG cannot be opened");
  }
  read_kinds(getenv("FAULT_KINDS"));
  plan.when = getenv("FAULT_WHEN");
  const char *at = getenv("FAULT_AT");
  if (at) {
    plan.at = strtoul(at, NULL, 10);
    const char *action = getenv("FAULT_ACTION");
    if (!plan.at || !action) refuse("FAULT_AT wants a number from 1, and FAULT_ACTION");
    read_action(action);
    const char *forever = getenv("FAULT_FOREVER");
    if (forever) plan.every = !strcmp(forever, "all") ? 1 : !strcmp(forever, "other") ? 2 : 0;
    if (forever && !plan.every) refuse("FAULT_FOREVER is neither all nor other");
  }
  plan.length = strlen(plan.folder);
}

// Whether a path is the folder or below it. What is named may not be there yet, its folder is.
static bool is_below(int at, const char *path, char *full) {
  if (!plan.length || !path) return false;
  char joined[PATH_MAX], parent[PATH_MAX];
  if (path[0] == '/' || at == AT_FDCWD) {
    if (snprintf(joined, sizeof joined, "%s", path) >= (int)sizeof joined) return false;
  } else {
    char link[64], base[PATH_MAX];
    snprintf(link, sizeof link, "/proc/self/fd/%d", at);
    ssize_t count = readlink(link, base, sizeof base - 1);
    if (count < 0) return false;
    base[count] = 0;
    if (snprintf(joined, sizeof joined, "%s/%s", base, path) >= (int)sizeof joined) return false;
  }
  char *slash = strrchr(joined, '/');
  const char *name = slash ? slash + 1 : joined;
  char above[PATH_MAX];
  if (!slash) strcpy(above, ".");
  else snprintf(above, sizeof above, "%.*s", slash == joined ? 1 : (int)(slash - joined), joined);
  if (!realpath(above, parent)) return false;
  if (snprintf(full, PATH_MAX, "%s/%s", parent, name) >= PATH_MAX) return false;
  return !strncmp(full, plan.folder, plan.length)
    && (full[plan.length] == '/' || !full[plan.length]);
}

static unsigned char facts(int descriptor) {
  return descriptor >= 0 && descriptor < TABLE ? descriptors[descriptor] : 0;
}

static void end_here(void) {
  // SIGKILL is sent by the kernel to all threads at once; none comes back from here.
  syscall(SYS_kill, getpid(), SIGKILL);
  for (;;) pause();
}

// What is to happen to one step.
struct step { enum action action; };

static void note(unsigned long number, enum kind kind, int descriptor, const char *path) {
  if (plan.log < 0) return;
  char link[64], found[PATH_MAX], line[PATH_MAX + 64];
  if (!path) {
    snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
    ssize_t count = readlink(link, found, sizeof found - 1);
    found[count < 0 ? 0 : count] = 0;
    path = found;
  }
  int length = snprintf(line, sizeof line, "%lu %s %s\n", number, kind_names[kind], path);
  // One write to a file open for appending: lines of threads do not mix.
  (void)!syscall(SYS_write, plan.log, line, (size_t)length);
}

static bool is_meant(unsigned long number) {
  if (!plan.at || number < plan.at) return false;
  return number == plan.at || (plan.every && (number - plan.at) % plan.every == 0);
}

static struct step begin(enum kind kind, int descriptor, const char *path) {
  struct step step = {NOTHING};
  if (!plan.numbered[kind]) return step;
  int saved = errno;
  if (plan.when && syscall(SYS_faccessat, AT_FDCWD, plan.when, F_OK)) {
    errno = saved;
    return step;
  }
  unsigned long number = atomic_fetch_add(&steps, 1) + 1;
  note(number, kind, descriptor, path);
  errno = saved;
  if (!is_meant(number)) return step;
  if (plan.action == KILL_BEFORE) end_here();
  step.action = plan.action;
  return step;
}

static void end(struct step step) {
  if (step.action == KILL_AFTER || step.action == KILL_TORN) end_here();
}

static int failed(void) {
  errno = plan.error;
  return -1;
}

// How many bytes of a write are to be written.
static size_t share(struct step step, size_t count) {
  return (step.action == SHORT || step.action == KILL_TORN) && count > 1 ? count / 2 : count;
}

// The step `call` about a path.
#define ON_PATH(kind, at, path, type, call) \
  char full[PATH_MAX]; \
  if (!is_below(at, path, full)) return call; \
  struct step step = begin(kind, -1, full); \
  if (step.action == ERROR) return (type)failed(); \
  type result = call; \
  end(step); \
  return result

// The step `call` about a descriptor; outside the folder it sees a `step` that asks for nothing.
#define ON_DESCRIPTOR(kind, descriptor, type, call) \
  struct step step = {NOTHING}; \
  if (!(facts(descriptor) & BELOW)) return call; \
  step = begin(kind, descriptor, NULL); \
  if (step.action == ERROR) return (type)failed(); \
  type result = call; \
  end(step); \
  return result

static void remember(int descriptor, bool writable) {
  if (descriptor >= 0 && descriptor < TABLE) {
    descriptors[descriptor] = (unsigned char)(BELOW | (writable ? WRITABLE : 0));
  }
}

static int opened(int (*real)(int, const char *, int, ...), int at, const char *path, int flags,
                  mode_t mode) {
  char full[PATH_MAX];
  if (!is_below(at, path, full)) {
    int other = real(at, path, flags, mode);
    if (other >= 0 && other < TABLE) descriptors[other] = 0;
    return other;
  }
  bool writable = (flags & O_ACCMODE) != O_RDONLY || (flags & (O_CREAT | O_TRUNC));
  struct step step = {NOTHING};
  if (writable) step = begin(OPEN, -1, full);
  if (step.action == ERROR) return failed();
  int descriptor = real(at, path, flags, mode);
  remember(descriptor, writable);
  end(step);
  return descriptor;
}

static int open_through(int at, const char *path, int flags, mode_t mode) {
  REAL(openat);
  return opened(real, at, path, flags, mode);
}

#define MODE_ARGUMENT \
  mode_t mode = 0; \
  if (flags & (O_CREAT | O_TMPFILE)) { \
    va_list arguments; \
    va_start(arguments, flags); \
    mode = (mode_t)va_arg(arguments, unsigned); \
    va_end(arguments); \
  }

int open(const char *path, int flags, ...) {
  MODE_ARGUMENT
  return open_through(AT_FDCWD, path, flags, mode);
}
int open64(const char *path, int flags, ...) {
  MODE_ARGUMENT
  return open_through(AT_FDCWD, path, flags | O_LARGEFILE, mode);
}
int openat(int at, const char *path, int flags, ...) {
  MODE_ARGUMENT
  return open_through(at, path, flags, mode);
}
int openat64(int at, const char *path, int flags, ...) {
  MODE_ARGUMENT
  return open_through(at, path, flags | O_LARGEFILE, mode);
}
// What fortified programs call when there is no mode.
int __open_2(const char *path, int flags) { return open_through(AT_FDCWD, path, flags, 0); }
int __open64_2(const char *path, int flags) { return __open_2(path, flags | O_LARGEFILE); }
int __openat_2(int at, const char *path, int flags) { return open_through(at, path, flags, 0); }
int __openat64_2(int at, const char *path, int flags) {
  return open_through(at, path, flags | O_LARGEFILE, 0);
}
int creat(const char *path, mode_t mode) {
  return open_through(AT_FDCWD, path, O_CREAT | O_WRONLY | O_TRUNC, mode);
}
int creat64(const char *path, mode_t mode) { return creat(path, mode); }

int close(int descriptor) {
  REAL(close);
  unsigned char known = facts(descriptor);
  if (known) descriptors[descriptor] = 0;
  if (!(known & WRITABLE)) return real(descriptor);
  struct step step = begin(CLOSE, descriptor, NULL);
  int result = real(descriptor);
  if (step.action == ERROR) return failed();
  end(step);
  return result;
}

ssize_t write(int descriptor, const void *bytes, size_t count) {
  REAL(write);
  ON_DESCRIPTOR(WRITE, descriptor, ssize_t, real(descriptor, bytes, share(step, count)));
}
ssize_t pwrite(int descriptor, const void *bytes, size_t count, off_t offset) {
  REAL(pwrite);
  ON_DESCRIPTOR(WRITE, descriptor, ssize_t, real(descriptor, bytes, share(step, count), offset));
}
ssize_t pwrite64(int descriptor, const void *bytes, size_t count, off64_t offset) {
  return pwrite(descriptor, bytes, count, offset);
}

// A vector that is to be cut brings half of its first part.
static struct iovec cut(const struct iovec *parts) {
  struct iovec first = parts[0];
  if (first.iov_len > 1) first.iov_len /= 2;
  return first;
}
static bool is_cut(struct step step) {
  return step.action == SHORT || step.action == KILL_TORN;
}

ssize_t writev(int descriptor, const struct iovec *parts, int count) {
  REAL(writev);
  if (!(facts(descriptor) & BELOW)) return real(descriptor, parts, count);
  struct step step = begin(WRITE, descriptor, NULL);
  if (step.action == ERROR) return failed();
  struct iovec first = cut(parts);
  ssize_t result = is_cut(step) ? real(descriptor, &first, 1) : real(descriptor, parts, count);
  end(step);
  return result;
}
ssize_t pwritev(int descriptor, const struct iovec *parts, int count, off_t offset) {
  REAL(pwritev);
  if (!(facts(descriptor) & BELOW)) return real(descriptor, parts, count, offset);
  struct step step = begin(WRITE, descriptor, NULL);
  if (step.action == ERROR) return failed();
  struct iovec first = cut(parts);
  ssize_t result =
    is_cut(step) ? real(descriptor, &first, 1, offset) : real(descriptor, parts, count, offset);
  end(step);
  return result;
}

int fsync(int descriptor) {
  REAL(fsync);
  ON_DESCRIPTOR(FSYNC, descriptor, int, real(descriptor));
}
int fdatasync(int descriptor) {
  REAL(fdatasync);
  ON_DESCRIPTOR(FSYNC, descriptor, int, real(descriptor));
}

int ftruncate(int descriptor, off_t length) {
  REAL(ftruncate);
  ON_DESCRIPTOR(TRUNCATE, descriptor, int, real(descriptor, length));
}
int ftruncate64(int descriptor, off64_t length) { return ftruncate(descriptor, length); }
int truncate(const char *path, off_t length) {
  REAL(truncate);
  ON_PATH(TRUNCATE, AT_FDCWD, path, int, real(path, length));
}
int truncate64(const char *path, off64_t length) { return truncate(path, length); }

int fallocate(int descriptor, int mode, off_t offset, off_t length) {
  REAL(fallocate);
  ON_DESCRIPTOR(ALLOCATE, descriptor, int, real(descriptor, mode, offset, length));
}
int fallocate64(int descriptor, int mode, off64_t offset, off64_t length) {
  return fallocate(descriptor, mode, offset, length);
}
// It gives its error back, and leaves errno alone.
int posix_fallocate(int descriptor, off_t offset, off_t length) {
  REAL(posix_fallocate);
  struct step step = {NOTHING};
  if (!(facts(descriptor) & BELOW)) return real(descriptor, offset, length);
  step = begin(ALLOCATE, descriptor, NULL);
  if (step.action == ERROR) return plan.error;
  int result = real(descriptor, offset, length);
  end(step);
  return result;
}
int posix_fallocate64(int descriptor, off64_t offset, off64_t length) {
  return posix_fallocate(descriptor, offset, length);
}

int renameat2(int from, const char *old, int to, const char *new, unsigned flags) {
  REAL(renameat2);
  ON_PATH(RENAME, to, new, int, real(from, old, to, new, flags));
}
int renameat(int from, const char *old, int to, const char *new) {
  return renameat2(from, old, to, new, 0);
}
int rename(const char *old, const char *new) {
  return renameat2(AT_FDCWD, old, AT_FDCWD, new, 0);
}

int linkat(int from, const char *old, int to, const char *new, int flags) {
  REAL(linkat);
  ON_PATH(LINK, to, new, int, real(from, old, to, new, flags));
}
int link(const char *old, const char *new) { return linkat(AT_FDCWD, old, AT_FDCWD, new, 0); }
int symlinkat(const char *target, int to, const char *new) {
  REAL(symlinkat);
  ON_PATH(LINK, to, new, int, real(target, to, new));
}
int symlink(const char *target, const char *new) { return symlinkat(target, AT_FDCWD, new); }

int unlinkat(int at, const char *path, int flags) {
  REAL(unlinkat);
  ON_PATH(UNLINK, at, path, int, real(at, path, flags));
}
int unlink(const char *path) { return unlinkat(AT_FDCWD, path, 0); }
int rmdir(const char *path) { return unlinkat(AT_FDCWD, path, AT_REMOVEDIR); }
int remove(const char *path) {
  int result = unlink(path);
  return result && errno == EISDIR ? rmdir(path) : result;
}

int mkdirat(int at, const char *path, mode_t mode) {
  REAL(mkdirat);
  ON_PATH(MKDIR, at, path, int, real(at, path, mode));
}
int mkdir(const char *path, mode_t mode) { return mkdirat(AT_FDCWD, path, mode); }
