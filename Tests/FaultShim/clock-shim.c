// A library to preload: it lies about the wall clock and leaves all other clocks alone, as on a
// machine whose date somebody sets. (libfaketime also changes the timers that Swift sleeps by.)
//
// CLOCK_FILE names a file of two 64-bit numbers in the machine's order: nanoseconds that are added to
// the time, and, unless it is 0, the one moment since 1970 that the clock stands still at. It is
// mapped: who writes to it sets the clocks of all processes that run.

#define _GNU_SOURCE
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

enum { ADDED, FROZEN };
static const volatile int64_t *setting;

__attribute__((constructor)) static void start(void) {
  const char *path = getenv("CLOCK_FILE");
  if (!path) return;
  int file = open(path, O_RDONLY | O_CLOEXEC);
  void *map = mmap(NULL, 2 * sizeof *setting, PROT_READ, MAP_SHARED, file, 0);
  // Without its clock a proof would prove nothing.
  if (map == MAP_FAILED) _exit(99);
  close(file);
  setting = map;
}

int clock_gettime(clockid_t clock, struct timespec *time) {
  int result = (int)syscall(SYS_clock_gettime, clock, time);
  if (result || !setting || (clock != CLOCK_REALTIME && clock != CLOCK_REALTIME_COARSE)) {
    return result;
  }
  int64_t now = setting[FROZEN];
  if (!now) now = time->tv_sec * INT64_C(1000000000) + time->tv_nsec + setting[ADDED];
  time->tv_sec = now / 1000000000;
  time->tv_nsec = now % 1000000000;
  return 0;
}

int gettimeofday(struct timeval *restrict time, void *restrict zone) {
  (void)zone;
  struct timespec now;
  if (clock_gettime(CLOCK_REALTIME, &now)) return -1;
  time->tv_sec = now.tv_sec;
  time->tv_usec = now.tv_nsec / 1000;
  return 0;
}

time_t time(time_t *place) {
  struct timespec now;
  if (clock_gettime(CLOCK_REALTIME, &now)) return -1;
  if (place) *place = now.tv_sec;
  return now.tv_sec;
}
