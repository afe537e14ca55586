#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""packages.py SOURCE VERSION: checks what describes the emitted tree to other systems: the version is the project's, and
the fields that each system requires are there. Prints what is wrong, and exits with 1 if there is anything."""
import json
import pathlib
import re
import sys

faults = []


def check(condition, text):
    if not condition:
        faults.append(text)


def main(source, version):
    tree = source / "platforms/packages/tree"
    library = json.loads((tree / "library.json").read_text())
    check(library["version"] == version, f"library.json: version {library['version']}")
    check({"name", "version", "description", "license"} <= library.keys(), "library.json: a field is missing")
    check(library["build"]["srcDir"] == "src", "library.json: the sources are in src")
    properties = dict(line.split("=", 1) for line in (tree / "library.properties").read_text().splitlines())
    required = {"name", "version", "author", "maintainer", "sentence", "paragraph", "category", "url", "architectures"}
    check(required <= properties.keys(), f"library.properties: without {required - properties.keys()}")
    check(properties["version"] == version, f"library.properties: version {properties['version']}")
    check((tree / "src" / properties["includes"]).exists(), "library.properties: includes what is not there")
    component = (tree / "idf_component.yml").read_text()
    check(re.search(rf'^version: "{re.escape(version)}"$', component, re.M), "idf_component.yml: another version")
    module = (tree / "zephyr/module.yml").read_text()
    for key in ("cmake", "kconfig"):
        path = re.search(rf"^  {key}: (\S+)$", module, re.M)
        check(path and (tree / path[1]).exists(), f"module.yml: {key} is not there")
    return "\n".join(faults)


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1]), sys.argv[2]) or 0)
