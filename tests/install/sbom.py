#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""sbom.py PREFIX VERSION: checks that the installed lists of what the tool and the library contain are SPDX 2.3, and
true.

Clauses 6, 7 and 11 of SPDX 2.3 say which fields there must be, and in which form. The list must have the package of
every shared library of the tool, and every version must be that of dpkg. Prints what is wrong, and exits with 1 if
there is anything.
"""
import json
import pathlib
import re
import subprocess
import sys

LICENCES = {"Apache-2.0", "MIT", "Unlicense", "BSD-3-Clause", "Zlib", "IJG", "ISC", "LGPL-2.1-or-later", "GPL-3.0-or-later", "GCC-exception-3.1"}
STATIC = {"vitro": {"libflatbuffers-dev", "libstb-dev", "nlohmann-json3-dev", "libcli11-dev"}, "libvitro-dev": set()}
faults = []


def check(condition, text):
    if not condition:
        faults.append(text)


def dpkg(*arguments):
    return subprocess.run(["dpkg-query", *arguments], capture_output=True, text=True).stdout.strip()


def check_document(document, name, version):
    check(document["spdxVersion"] == "SPDX-2.3" and document["dataLicense"] == "CC0-1.0" and document["SPDXID"] == "SPDXRef-DOCUMENT", f"{name}: the head of the document")
    check(document["name"] == f"{name}-{version}", f"{name}: is called {document['name']}")
    check(re.fullmatch(r"https://[^#\s]+", document["documentNamespace"]), f"{name}: the namespace is not a URI without a fragment")
    created = document["creationInfo"]
    check(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", created["created"]), f"{name}: created {created['created']}")
    check(created["creators"] and all(re.fullmatch(r"(Tool|Organization|Person): .+", c) for c in created["creators"]), f"{name}: creators")


def check_package(package, name):
    what = f"{name}: {package['name']}"
    check(re.fullmatch(r"SPDXRef-[A-Za-z0-9.-]+", package["SPDXID"]), f"{what}: SPDXID {package['SPDXID']}")
    check(package["downloadLocation"] == "NOASSERTION" and package["filesAnalyzed"] is False, f"{what}: location")
    for field in ("licenseConcluded", "licenseDeclared"):
        check(set(re.split(r" (?:OR|AND|WITH) ", package[field])) <= LICENCES, f"{what}: {field} {package[field]}")
    for reference in package.get("externalRefs", []):
        check(reference["referenceCategory"] == "PACKAGE-MANAGER" and reference["referenceType"] == "purl" and reference["referenceLocator"].startswith("pkg:deb/debian/"), f"{what}: reference")


def check_versions(packages, name):
    """Compares the versions with dpkg's. Returns how many of the packages dpkg knows: another distribution has
    others."""
    known = 0
    for package in packages:
        installed = dpkg("-W", "-f", "${Version}\\n", package["name"]).split("\n")[0]
        check(package.get("versionInfo", "") == installed, f"{name}: {package['name']} {package.get('versionInfo')}, dpkg says {installed}")
        known += bool(installed)
    return known


def libraries_of(tool):
    """{shared library that the tool itself needs: the packages that have it}. Not those that its libraries need in
    turn."""
    needed = re.findall(r"NEEDED.*\[(.*)\]", subprocess.run(["readelf", "-d", tool], capture_output=True, text=True, check=True).stdout)
    owners = {}
    for library in needed:
        owners[library] = set(re.findall(r"^([^:,\s]+)", dpkg("-S", f"*/{library}"), re.M))  # may be those of other architectures too
    return owners


def main(prefix, version):
    known = 0
    for name, folder in (("vitro", "vitro"), ("libvitro-dev", "libvitro-dev")):
        document = json.loads((prefix / "share/doc" / folder / f"{name}.spdx.json").read_text())
        check_document(document, name, version)
        packages = document["packages"]
        identifiers = {package["SPDXID"] for package in packages} | {"SPDXRef-DOCUMENT"}
        check(len(identifiers) == len(packages) + 1, f"{name}: identifiers that are not unique")
        for package in packages:
            check_package(package, name)
        check(packages[0]["name"] == name and packages[0]["versionInfo"] == version and packages[0]["licenseDeclared"] == "Apache-2.0", f"{name}: itself")
        known += check_versions(packages[1:], name)
        relations = document["relationships"]
        check(relations[0] == {"spdxElementId": "SPDXRef-DOCUMENT", "relationshipType": "DESCRIBES", "relatedSpdxElement": packages[0]["SPDXID"]}, f"{name}: describes")
        check(all({r["spdxElementId"], r["relatedSpdxElement"]} <= identifiers for r in relations), f"{name}: a relationship to nothing")
        linked = {how: {r["relatedSpdxElement"] for r in relations if r["relationshipType"] == how} for how in ("STATIC_LINK", "DYNAMIC_LINK")}
        check(set.union(*linked.values()) == identifiers - {"SPDXRef-DOCUMENT", packages[0]["SPDXID"]}, f"{name}: a package that is not linked")
        check({f"SPDXRef-Package-{p}" for p in STATIC[name]} <= linked["STATIC_LINK"], f"{name}: what is compiled in")
        if name == "vitro":
            for library, owners in libraries_of(prefix / "bin/vitro").items():
                check({f"SPDXRef-Package-{owner}" for owner in owners} & linked["DYNAMIC_LINK"], f"{library} of {owners or 'no package'} is not in the list")
        print(f"{name}: {len(packages) - 1} packages of other projects")
    check(known > 0, "dpkg knows none of the packages")
    return "\n".join(faults)


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1]), sys.argv[2]) or 0)
