#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""openssl_signature.py VITRO MODEL: checks that vitro and OpenSSL verify each other's signatures.

The script composes the signed message from the description in vitro_signed.h. openssl reads the keys of `vitro
keygen`, and `vitro sign` reads those of openssl. Ed25519 is deterministic, so both must make the same signature, to
the bit. Exits with 1 where something differs.
"""
import hashlib
import os
import pathlib
import subprocess
import sys
import tempfile


def run(*command, code=0):
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True)
    if done.returncode != code:
        sys.exit(f"{command}: exit code {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout


def message(trailer, program):
    return b"vitro signed program".ljust(32, b"\0") + trailer[:64] + hashlib.sha256(program).digest()


def main():
    vitro, model = sys.argv[1:]
    program = pathlib.Path(model).read_bytes()
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        run(vitro, "keygen", "-o", "ours")
        run("openssl", "genpkey", "-algorithm", "ed25519", "-out", "theirs.key")
        run("openssl", "pkey", "-in", "theirs.key", "-pubout", "-out", "theirs.pub")
        os.chmod("theirs.key", 0o600)
        if run("openssl", "pkey", "-in", "ours.key", "-pubout") != pathlib.Path("ours.pub").read_text():
            sys.exit("openssl derives another public key from ours.key")
        for name in ("ours", "theirs"):
            run(vitro, "sign", "-m", model, "-k", f"{name}.key", "--counter", "258", "-o", "signed.vitro")
            signed = pathlib.Path("signed.vitro").read_bytes()
            trailer = signed[-128:]
            key = bytes.fromhex(run("openssl", "pkey", "-pubin", "-in", f"{name}.pub", "-outform", "DER", "-out", "der") or pathlib.Path("der").read_bytes().hex())[-32:]
            expected = b"VTROSIGN" + (1).to_bytes(4, "little") + bytes(4) + (258).to_bytes(8, "little") + len(program).to_bytes(8, "little") + hashlib.sha256(key).digest()
            if signed[:-128] != program or trailer[:64] != expected:
                sys.exit("the signed file is not as vitro_signed.h describes it")
            pathlib.Path("message").write_bytes(message(trailer, program))
            pathlib.Path("signature").write_bytes(trailer[64:])
            run("openssl", "pkeyutl", "-verify", "-pubin", "-inkey", f"{name}.pub", "-rawin", "-in", "message", "-sigfile", "signature")
            run("openssl", "pkeyutl", "-sign", "-inkey", f"{name}.key", "-rawin", "-in", "message", "-out", "by_openssl")
            if pathlib.Path("by_openssl").read_bytes() != trailer[64:]:
                sys.exit("openssl makes another signature")
            # Signed without vitro, as a signing service would.
            pathlib.Path("foreign.vitro").write_bytes(program + trailer[:64] + pathlib.Path("by_openssl").read_bytes())
            run(vitro, "verify", "-m", "foreign.vitro", "--key", f"{name}.pub")
        run(vitro, "verify", "-m", "foreign.vitro", "--key", "ours.pub", code=1)
    print("each verifies the other's signatures")


if __name__ == "__main__":
    main()
