#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# run.sh [SECONDS] [TARGET...]: builds the preset fuzz and fuzzes each target for SECONDS (default 120), with one
# process for each core. Corpora stay in build/fuzz/corpus and grow from run to run; finds are in build/fuzz/finds,
# each with its log. Prints a table and writes build/fuzz/fuzz.json. Exits with an error code where it found
# something: a crash, a disagreement, or an execution that took more than 5 seconds or 256 MiB. Environment:
# VITRO_FUZZ_BUILD=FOLDER uses another build, as it is; VITRO_FUZZ_JOBS=N sets the number of processes.
set -eu
. "$(dirname "$0")/../../toolchains/usage.sh"
root=$(cd "$(dirname "$0")/../.." && pwd)
seconds=${1:-120}
case $seconds in
  '' | *[!0-9]*) wrong_usage ;;
esac
[ $# -eq 0 ] || shift
jobs=${VITRO_FUZZ_JOBS:-$(nproc)}
build=${VITRO_FUZZ_BUILD:-}
if [ -z "$build" ]; then
  build=$root/build/fuzz
  cd "$root"
  cmake --preset fuzz > /dev/null
  cmake --build --preset fuzz -j "$jobs"
fi
build=$(cd "$build" && pwd)
targets=$build/tests/fuzz
all=$(cd "$targets" && find . -maxdepth 1 -type f -perm -u+x -name 'fuzz_*' ! -name fuzz_digest | sed 's,^./fuzz_,,' | sort)
[ $# -gt 0 ] || set -- $all
for target in "$@"; do
  [ -x "$targets/fuzz_$target" ] || { echo "run.sh: no target $target; there are:" $all >&2; exit 2; }
done
# Readers need paths, so targets write files: to a folder in memory, where there is one, which is removed at the end.
temporary=$(mktemp -d "$([ -w /dev/shm ] && echo /dev/shm || echo "${TMPDIR:-/tmp}")/vitro_fuzz_run_XXXXXX")
trap 'rm -rf "$temporary"' EXIT
trap 'exit 130' INT TERM
mkdir -p "$build/corpus" "$build/finds"

cat > "$temporary/one" << 'END'
target=$1
mkdir -p "$build/corpus/$target" "$temporary/$target"
dictionary=
[ -f "$targets/fuzz_$target.dict" ] && dictionary=-dict=$targets/fuzz_$target.dict
TMPDIR=$temporary/$target "$targets/fuzz_$target" $dictionary -max_total_time="$seconds" -timeout=60 -rss_limit_mb=256 -max_len=98304 -print_final_stats=1 \
  -artifact_prefix="$build/finds/$target-" "$build/corpus/$target" "$targets/seeds/$target" > "$temporary/$target.log" 2>&1
echo $? > "$temporary/$target.rc"
rm -rf "${temporary:?}/$target"
END
export build targets temporary seconds
printf '%s\n' "$@" | xargs -n 1 -P "$jobs" sh "$temporary/one"

number() {  # prints the last number after a word in a log; 0 where there is none
  found=$(sed -n "s/.*$1[^0-9]*\([0-9][0-9]*\).*/\1/p" "$2" | tail -1)
  echo "${found:-0}"
}
failed=0
printf '%-14s %12s %8s %8s %8s %6s\n' target executions seconds edges corpus finds
{
  printf '{"seconds": %s, "targets": [' "$seconds"
  separator=
  for target in "$@"; do
    log=$temporary/$target.log
    executions=$(number 'stat::number_of_executed_units:' "$log")
    edges=$(number ' cov: ' "$log")
    spent=$(sed -n 's/^Done [0-9]* runs in \([0-9]*\) second.*/\1/p' "$log")
    corpus=$(find "$build/corpus/$target" -type f | wc -l)
    finds=0
    if [ "$(cat "$temporary/$target.rc")" -ne 0 ]; then
      finds=1
      failed=1
      cp "$log" "$build/finds/$target.log"
    fi
    printf '%-14s %12s %8s %8s %8s %6s\n' "$target" "$executions" "${spent:-$seconds}" "$edges" "$corpus" "$finds" >&3
    [ $finds -eq 0 ] || grep -E 'FOUND|ERROR|SUMMARY|Test unit written' "$log" | sed 's/^/    /' >&3 || true
    printf '%s\n  {"target": "%s", "executions": %s, "seconds": %s, "edges": %s, "corpus": %s, "finds": %s}' "$separator" "$target" "$executions" "${spent:-$seconds}" "$edges" "$corpus" "$finds"
    separator=,
  done
  printf '\n]}\n'
  echo "$failed" > "$temporary/failed"
} 3>&1 > "$build/fuzz.json"
exit "$(cat "$temporary/failed")"
