# SPDX-License-Identifier: Apache-2.0
# skip.sh: sourced by tests that need what may be absent. Exit code 77 tells ctest that a test was
# skipped. Where VITRO_REQUIRE_ALL is set in the environment, as tests/all.sh sets it, only real
# weights and photos may be absent; whatever else is missing fails the test.

# without_data WHAT: real weights or photos (VITRO_TEST_DATA) are absent, which is always a skip.
without_data() {
  echo "SKIPPED: $1 needs real weights or photos, which are not there"
  exit 77
}

# absent WHAT: something else is absent.
absent() {
  if [ -n "${VITRO_REQUIRE_ALL:-}" ]; then
    echo "FAILED: $1, and VITRO_REQUIRE_ALL is set"
    exit 1
  fi
  echo "SKIPPED: $1"
  exit 77
}

# need_program NAME...
need_program() {
  for needed; do
    command -v "$needed" > /dev/null || absent "$needed is not installed"
  done
}

# need_expected FOLDER...: what tests/end_to_end/make_expected.sh left of a model. It lists the
# models that it could not make without real weights.
need_expected() {
  for needed; do
    [ ! -f "$needed/hashes" ] || continue
    ! grep -qx "$(basename "$needed")" "$(dirname "$needed")/without_data" 2> /dev/null || without_data "$(basename "$needed")"
    absent "$needed/hashes is not there (the tests of host-release make it)"
  done
}
