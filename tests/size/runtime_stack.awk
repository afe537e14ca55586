# SPDX-License-Identifier: Apache-2.0
# Computes worst-case stacks from GCC's call graphs (see runtime_stack.sh). An indirect call counts as a call of the
# deepest of all functions that the caller's file can reach, as the runtime's layers allow (may_reach).

function quoted(line, key,    at, rest) {
  at = index(line, key " \"")
  if (!at) return ""
  rest = substr(line, at + length(key) + 2)
  return substr(rest, 1, index(rest, "\"") - 1)
}

# The name of a function, without its template arguments.
function short(label) {
  sub(/\\n.*/, "", label)
  sub(/ \[with .*/, "", label)
  sub(/\(.*/, "", label)
  sub(/.*[ :]/, "", label)
  return label
}

/^graph:/ { unit = quoted($0, "title:") }

/^node:/ {
  title = quoted($0, "title:")
  label = quoted($0, "label:")
  if (!match(label, /[0-9]+ bytes \([a-z,]+\)/)) next
  usage = substr(label, RSTART, RLENGTH)
  bytes = usage + 0
  if (usage ~ /dynamic/) bytes += 64  # "dynamic,bounded": a frame that aligns itself
  if (usage ~ /dynamic/ && usage !~ /bounded/) unbounded[title] = 1
  if (bytes > size[title] || !(title in unit_of)) size[title] = bytes
  unit_of[title] = unit
  name[title] = short(label)
}

/^edge:/ {
  from = quoted($0, "sourcename:")
  to = quoted($0, "targetname:")
  edges[from] = edges[from] SUBSEP to
  called[to] = 1
}

# Whether an indirect call in `from` may reach `to`.
function may_reach(from, to,    source, target) {
  source = unit_of[from]
  target = unit_of[to]
  if (source ~ /\/program\/run\.cpp$/) return (target ~ /\/ops\// && name[to] == "run") || (target == source && name[to] == "run_share" && name[from] != "run_share")
  if (source ~ /\/program\/verify\.cpp$/) return target ~ /\/ops\// && name[to] == "verify"
  if (source ~ /\/program\/bind\.cpp$/) return target ~ /\/ops\// && name[to] == "bind"
  if (source ~ /\/core\/checker\.cpp$/) return target ~ /\/ops\/ops\.cpp$/ && name[to] == "operands_of"
  if (source ~ /\/ops\/ops\.cpp$/) return target ~ /\/ops\// && name[to] == "operands"
  if (source ~ /\/ops\/work\.cpp$/) return target ~ /\/ops\// && (name[to] == "operands" || name[to] == "cost")
  if (source ~ /\/ops\//) return target ~ /\/kernels\/[a-z_]+\/[a-z0-9_]+\.cpp$/ && to !~ /:/
  if (source ~ /\/kernels\/dispatch\.cpp$/) return target ~ /\/kernels\/cpu\.cpp$/
  if (source ~ /\/kernels\/[a-z_]+\//) return target == source && to ~ /:/ && !(to in called)
  return 0
}

function complain(text) {
  if (!(text in complained)) print "FAULT: " text
  complained[text] = 1
  faults = 1
}

function depth(at,    i, n, parts, deepest, best, to, found, d) {
  if (at in deep) return deep[at]
  if (at in open) {
    complain("recursion through " name[at])
    return 0
  }
  if (at == "__stack_chk_fail") return deep[at] = 0  # never returns: it ends the process
  if (!(at in unit_of)) {
    if (at !~ /^((__)?memcpy(_chk)?|memset|memmove|memcmp|strcmp|strncmp|strlen|sqrtf|getauxval|__aeabi_u?l?i?divmod|__aeabi_u?idiv)$/) complain("nothing is known of " at)
    return deep[at] = libc
  }
  if (at in unbounded) complain("a frame of unknown size in " name[at])
  open[at] = 1
  deepest = 0
  best = ""
  n = split(substr(edges[at], 2), parts, SUBSEP)
  for (i = 1; i <= n; ++i) {
    if (parts[i] == "__indirect_call" && unit_of[at] ~ /\/program\/signed\.cpp$/) continue  # the user's own function, whose stack the user accounts for
    if (parts[i] == "__indirect_call") {
      found = 0
      for (to in unit_of)
        if (may_reach(at, to)) {
          found = 1
          d = depth(to)
          if (d > deepest) { deepest = d; best = to }
        }
      if (!found) complain("an indirect call from " name[at] " (" unit_of[at] ") to an unknown place")
      continue
    }
    d = depth(parts[i])
    if (d > deepest) { deepest = d; best = parts[i] }
  }
  delete open[at]
  below[at] = best
  return deep[at] = size[at] + deepest
}

BEGIN { libc = 256 }  # allowed for a string function of the C library (sqrtf is an instruction: runtime_symbols)

END {
  entries = split("vitro_open vitro_arena_bytes vitro_work vitro_op_work vitro_bind vitro_memory_bytes vitro_bind_memories vitro_input vitro_run vitro_run_step vitro_self_test vitro_output vitro_output_values vitro_class_count vitro_image_size vitro_label vitro_program_check vitro_program_sum vitro_session_sum vitro_signed_check", entry, " ")
  for (e = 1; e <= entries; ++e) {
    if (!(entry[e] in unit_of)) { complain("no " entry[e]); continue }
    bytes = depth(entry[e])
    printf "%5d bytes: %s", bytes, entry[e]
    for (at = below[entry[e]]; at != ""; at = below[at]) printf " > %s (%d)", (at in name ? name[at] : at), size[at]
    printf "\n"
    if (bytes > limit) complain(entry[e] " needs " bytes " bytes of stack, more than " limit)
  }
  exit faults
}
