#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""packages.py SOURCE VERSION [TREE...]: checks what describes the sources to other systems: the version is the project's,
the fields that each system requires are there, and options, packages and files that they name exist. TREEs are what
'vitro emit --runtime' wrote: the CMSIS-Pack in each lists all sources there. Prints what is wrong, and exits with 1 if
there is anything."""
import hashlib
import json
import pathlib
import re
import sys
import xml.etree.ElementTree as xml

faults = []


def check(condition, text):
    if not condition:
        faults.append(text)


def check_pack(description, version):
    """What the schema asks of a CMSIS-Pack's description, and that of its file's name."""
    pack = xml.fromstring(description)
    for name in ("vendor", "name", "description", "url", "license", "releases", "conditions", "components"):
        check(pack.find(name) is not None, f"vitro.vitro.pdsc: no {name}")
    check(re.fullmatch(r"1\.7\.\d+", pack.get("schemaVersion")), "vitro.vitro.pdsc: languages of files are since schema 1.7.15")
    check([pack.findtext("vendor"), pack.findtext("name")] == ["vitro", "vitro"], "vitro.vitro.pdsc: has the name of another pack")
    check(pack.find("releases/release").get("version") == version, "vitro.vitro.pdsc: the newest release is of another version")
    conditions = {condition.get("id") for condition in pack.iter("condition")}
    for component in pack.iter("component"):
        check(component.get("Cversion") == version, "vitro.vitro.pdsc: a component of another version")
        check(component.get("condition") in conditions, "vitro.vitro.pdsc: a condition that there is not")
    return pack


def check_tree(tree, version):
    pack = check_pack((tree / "vitro.vitro.pdsc").read_text(), version)
    listed = [file.get("name") for file in pack.iter("file")] + [pack.findtext("license")]
    for name in listed:
        check((tree / name).exists(), f"{tree}: vitro.vitro.pdsc lists {name}, which is not there")
    sources = {str(path.relative_to(tree)) for path in tree.rglob("*.cpp")}
    check(sources and sources == {name for name in listed if name.endswith(".cpp")}, f"{tree}: vitro.vitro.pdsc does not list the sources there")
    check(len(listed) == len(set(listed)), f"{tree}: vitro.vitro.pdsc lists a file twice")


def check_linux(source, version):
    """Yocto and Buildroot: the licence's checksums, the project's options, the packages that CMake looks for."""
    packages, licence = source / "platforms/packages", (source / "LICENSE").read_bytes()
    recipe = (packages / f"yocto/vitro_{version}.bb").read_text()
    check(hashlib.md5(licence).hexdigest() in recipe, "vitro.bb: another md5 of LICENSE")
    check(not re.search(r"^S\s*=", recipe, re.M), "vitro.bb: sets S, whose default alone suits each release of BitBake")
    buildroot = packages / "buildroot/vitro"
    check(f"sha256  {hashlib.sha256(licence).hexdigest()}  LICENSE" in (buildroot / "vitro.hash").read_text(), "vitro.hash: another hash of LICENSE")
    make, menu = (buildroot / "vitro.mk").read_text(), (buildroot / "Config.in").read_text()
    check(f"VITRO_VERSION = {version}\n" in make, "vitro.mk: another version")
    check("BR_NO_CHECK_HASH_FOR += $(VITRO_SOURCE)\n" in make, "vitro.mk: Buildroot takes no archive without a hash, unless it is told so")
    check(f"vitro-{version}.tar.gz" in (packages / "buildroot/Config.in").read_text(), "buildroot/Config.in: another version")
    for package in re.search(r"^VITRO_DEPENDENCIES = (.*)$", make, re.M)[1].split():
        check(f"select BR2_PACKAGE_{package.upper().replace('-', '_')}\n" in menu, f"Config.in does not select {package}")
    cmake = "".join(path.read_text() for path in [source / "CMakeLists.txt", *(source / "toolchains").glob("*.cmake")])
    known = set(re.findall(r"\b(?:option|set)\((VITRO_\w+)", cmake)) | {name + "_DIR" for name in re.findall(r"vitro_header_package\((\w+)", cmake)}
    for text, name in ((recipe, "vitro.bb"), (make, "vitro.mk")):
        options = set(re.findall(r"-D(\w+)=", text))
        check(options <= known, f"{name}: {options - known} are not options of the project")
        headers = {option for option in known if option.endswith("_headers_DIR")}
        check(headers <= options, f"{name}: does not say where {headers - options} are")


def check_sample(tree):
    """Zephyr's sample: what its parts name is there."""
    sample = tree / "zephyr/samples/golden"
    cmake = (sample / "CMakeLists.txt").read_text()
    for path in re.findall(r"\bsrc/\S+\.c\b", cmake):
        check((sample / path).exists(), f"{path} of Zephyr's sample is not there")
    check("CONFIG_VITRO=y" in (sample / "prj.conf").read_text(), "Zephyr's sample does not switch vitro on")
    said = re.search(r'printk\("(golden ok )%s', (sample / "src/main.c").read_text())
    pattern = re.search(r'- "(golden ok .*)"', (sample / "sample.yaml").read_text())
    check(said and pattern and re.fullmatch(pattern[1], said[1] + "reference"), "sample.yaml waits for another line than main.c prints")
    folder = re.search(r"^samples:\n  - (\S+)$", (tree / "zephyr/module.yml").read_text(), re.M)
    check(folder and sample.parent == tree / folder[1], "module.yml does not name the samples")


def main(source, version, *trees):
    tree = source / "platforms/packages/tree"
    library = json.loads((tree / "library.json").read_text())
    check(library["version"] == version, f"library.json: version {library['version']}")
    check({"name", "version", "description", "license"} <= library.keys(), "library.json: a field is missing")
    check(library["build"]["srcDir"] == "src", "library.json: the sources are in src")
    check({"-std=gnu++17", "-fno-exceptions", "-fno-rtti"} <= set(library["build"]["flags"]), "library.json: without the Makefile's flags")
    properties = dict(line.split("=", 1) for line in (tree / "library.properties").read_text().splitlines())
    required = {"name", "version", "author", "maintainer", "sentence", "paragraph", "category", "url", "architectures"}
    check(required <= properties.keys(), f"library.properties: without {required - properties.keys()}")
    check(properties["version"] == version, f"library.properties: version {properties['version']}")
    check((tree / "src" / properties["includes"]).exists(), "library.properties: includes what is not there")
    examples = list((tree / "examples").iterdir())
    check(examples and all((example / f"{example.name}.ino").exists() for example in examples), "examples: a folder without the sketch of its name")
    component = (tree / "idf_component.yml").read_text()
    check(re.search(rf'^version: "{re.escape(version)}"$', component, re.M), "idf_component.yml: another version")
    module = (tree / "zephyr/module.yml").read_text()
    for key in ("cmake", "kconfig"):
        path = re.search(rf"^  {key}: (\S+)$", module, re.M)
        check(path and (tree / path[1]).exists(), f"module.yml: {key} is not there")
    description = (tree / "vitro.vitro.pdsc").read_text()
    check(description.count("@SOURCES@\n") == 1, "vitro.vitro.pdsc: no place for the sources")
    check_pack(description, version)
    check_sample(tree)
    check_linux(source, version)
    for emitted in trees:
        check_tree(emitted, version)
    return "\n".join(faults)


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1]), sys.argv[2], *map(pathlib.Path, sys.argv[3:])) or 0)
