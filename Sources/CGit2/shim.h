#pragma once
// libgit2, whose calls that the project needs take no variable arguments: nothing to wrap here.
#include <git2.h>
