# SPDX-License-Identifier: Apache-2.0
"""Does for tests in Python what tests/support/skip.sh does for scripts."""
import os
import sys


def absent(what):
    """Skips the test, or fails it under VITRO_REQUIRE_ALL, because something is absent."""
    required = os.environ.get("VITRO_REQUIRE_ALL")
    print(f"FAILED: {what}, and VITRO_REQUIRE_ALL is set" if required else f"SKIPPED: {what}")
    sys.exit(1 if required else 77)
