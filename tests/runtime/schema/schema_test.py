#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""schema_test.py FLATC WORK: checks that the committed headers are those of their schemas, with any version of flatc.

Generates the headers again in the folder WORK. Does not compare their text, which differs between versions of flatc,
but where each field lies, how accessors read and verify it, how builders write it, the values of enums and, for the
object API, the members. Exits with 1 where one of these differs.
"""
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[3]
HEADERS = ["runtime/schema/program_generated.h", "converter/draft/program_object_generated.h",
           "converter/calibration/calibration_generated.h"]


def facts(text):
    """The facts that every version of flatc writes in the same way, each with its struct or enum."""
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
