#pragma once
#include <git2.h>
#include <git2/sys/repository.h>

// Swift cannot call functions with variable arguments: each use of `git_libgit2_opts` has a name.

/// Syncs each file that is written below `.git`, and the folder it is in.
static inline int shim_git_enable_fsync(void) {
  return git_libgit2_opts(GIT_OPT_ENABLE_FSYNC_GITDIR, 1);
}

/// Opens repositories that need these extensions besides those that libgit2 knows itself.
static inline int shim_git_allow_extensions(const char **names, size_t count) {
  return git_libgit2_opts(GIT_OPT_SET_EXTENSIONS, names, count);
}
