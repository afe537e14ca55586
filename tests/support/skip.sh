# SPDX-License-Identifier: Apache-2.0
# skip.sh: sourced by tests that need something that may be absent. Exit code 77 tells ctest that a
# test was skipped. Where the environment variable VITRO_REQUIRE_ALL is set, as tests/all.sh sets
# it, only real weights and photos may be absent; a test fails if anything else is missing.

# without_data WHAT: skips the test, because real weights or photos (VITRO_TEST_DATA) are absent.
without_data() {
  echo "SKIPPED: $1: real weights or photos are absent"
  exit 77
}

# absent WHAT: skips the test, or fails it under VITRO_REQUIRE_ALL, because something else is absent.
absent() {
  if [ -n "${VITRO_REQUIRE_ALL:-}" ]; then
    echo "FAILED: $1, and VITRO_REQUIRE_ALL is set"
    exit 1
  fi
  echo "SKIPPED: $1"
  exit 77
}

# need_program NAME...: requires that these programs are installed.
need_program() {
  for needed; do
    command -v "$needed" > /dev/null || absent "$needed is not installed"
  done
}

# need_expected FOLDER...: requires what tests/end_to_end/make_expected.sh writes for a model. It
# lists the models that it could not make without real weights.
need_expected() {
  for needed; do
    [ ! -f "$needed/hashes" ] || continue
    ! grep -qx "$(basename "$needed")" "$(dirname "$needed")/without_data" 2> /dev/null || without_data "$(basename "$needed")"
    absent "$needed/hashes does not exist (the tests of host-release make it)"
  done
}
