# SPDX-License-Identifier: Apache-2.0
"""Fetches what the engines need to run under QEMU: a Python for arm64 from Debian's packages, and the engines' wheels for
aarch64. Both come from whatever index apt and pip are configured for. What is there already is not fetched again."""
import re
import subprocess
import sys
import zipfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[3]
PYTHON = "3.11"  # Debian 12's
DEBIAN = (
    f"python{PYTHON}-minimal libpython{PYTHON}-minimal libpython{PYTHON}-stdlib libc6 libgcc-s1 libstdc++6 libgomp1 zlib1g libexpat1 libffi8 libssl3 "
    "libbz2-1.0 liblzma5 libsqlite3-0 libuuid1 libcrypt1 libtinfo6"
)
PLATFORMS = [f"manylinux_2_{minor}_aarch64" for minor in (36, 35, 34, 31, 28, 27, 26, 24, 17)] + ["manylinux2014_aarch64"]
# What the engines' packages import beside themselves.
COMMON = ["numpy", "flatbuffers"]


class Absent(Exception):
    """Raised when something cannot be fetched; the message says what."""


def debian(lab):
    """A folder with Debian's Python for arm64."""
    command = ["sh", ROOT / "toolchains/fetch_sysroot.sh", "arm64", lab / "root", *DEBIAN.split()]
    if subprocess.run(command, stdout=sys.stderr).returncode != 0:
        raise Absent("Debian's packages for arm64 cannot be fetched by the apt of this machine")
    return lab / "root"


def wheels(lab, packages):
    """Unpacks the wheels of these packages and of COMMON, in the versions of ../requirements.txt where it has them."""
    site = lab / "site"
    for package in [*COMMON, *packages]:
        done = lab / "wheels" / f"{package}.done"
        if not done.exists():
            wheel = download(lab / "wheels" / package, package)
            with zipfile.ZipFile(wheel) as archive:
                archive.extractall(site)
            done.write_text(wheel.name)
    return site


def download(folder, package):
    found = re.search(rf"^{re.escape(package)}==\S+", (HERE.parent / "requirements.txt").read_text(), re.MULTILINE | re.IGNORECASE)
    command = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--only-binary=:all:", "--python-version", PYTHON, "--implementation", "cp"]
    command += [argument for platform in PLATFORMS for argument in ("--platform", platform)]
    run = subprocess.run([*command, "-d", folder, found.group() if found else package], capture_output=True, text=True)
    if run.returncode != 0:
        raise Absent(f"pip has no wheel of {package} for aarch64 and Python {PYTHON}")
    return next(folder.glob("*.whl"))
