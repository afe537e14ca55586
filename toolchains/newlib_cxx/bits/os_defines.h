// In place of the build machine's, which asks glibc for its version: newlib has nothing to add.
