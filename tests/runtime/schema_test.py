#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""schema_test.py FLATC WORK: whether the committed headers say what their schemas say, by any version of flatc.

Compares where each field lies, how each accessor reads it, what builders and enums say and, for the object API, the members: not the text,
which differs between versions of flatc.
"""
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
HEADERS = ["runtime/schema/program_generated.h", "converter/draft/program_object_generated.h",
           "converter/calibration/calibration_generated.h"]


def facts(text):
    """Lines that any flatc writes alike, each with the struct or enum that it is in."""
    text = text.replace("::flatbuffers::", "flatbuffers::")
    within, out = "", []
    for line in text.splitlines():
        head = re.match(r"(?:struct|enum class) (\w+)[^;]*{$", line)
        if head:
            within = head[1]
        elif line.startswith("}"):
            within = ""
        line = line.strip().rstrip(",")
        field = re.match(r"(VT_\w+) = (\d+)$", line)
        value = re.match(r"(\w+) = (\d+)$", line)
        reads = re.match(r"return (GetField<.*>|GetPointer<.*>|GetStruct<.*>)\((VT_\w+)(.*)\);$", line)
        verifies = re.match(r"(VerifyField|VerifyOffset|VerifyOffsetRequired)(?:<(\w+)>)?\(verifier, (VT_\w+)", line)
        writes = re.match(r"fbb_\.Add\w+(?:<\w+>)?\(\w+::(VT_\w+), (.*)\);$", line)
        accessor = re.match(r"[\w:<>*& ]+ \*?(\w+)\(\) const {$", line)
        member = re.match(r"([\w:<>]+) (\w+)(?: = (.*)|{})?;$", line) if within.endswith("T") else None
        for found in (field, value, reads, verifies, writes, accessor, member):
            if found:
                out.append((within,) + found.groups(default=""))
                break
    return out


def main():
    flatc, work = sys.argv[1], pathlib.Path(sys.argv[2])
    subprocess.run([sys.executable, ROOT / "toolchains/generate.py", "--flatc", flatc, "--into", work], check=True)
    faults = []
    for header in HEADERS:
        committed, fresh = (facts((folder / header).read_text()) for folder in (ROOT, work))
        if len(fresh) < 50:
            faults.append(f"{header}: only {len(fresh)} facts read from what flatc makes")
        for at, (a, b) in enumerate(zip(committed + [()] * len(fresh), fresh + [()] * len(committed))):
            if a != b:
                faults.append(f"{header}: fact {at} is {a}, but flatc makes {b}")
                break
        print(f"{header}: {len(committed)} facts")
    if faults:
        sys.exit("\n".join(faults + ["run toolchains/generate.py"]))
    print("fresh")


if __name__ == "__main__":
    main()
