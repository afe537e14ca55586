# SPDX-License-Identifier: Apache-2.0
"""The Arm cores that are modelled: which boards have them, what QEMU runs in their place, by which of LLVM's models instructions are timed, what their caches
hold, and how many multiply-accumulates of int8 they do in a cycle at most.

The limit is that of the model: independent products from registers and nothing else (smull, smlal2 and sadalp for each 16; sdot; smmla), so that no program
is above it. Caches are those of the boards named, by the cores' and chips' manuals: bytes and ways.
"""
from dataclasses import dataclass


@dataclass(frozen=True)
class Core:
    name: str
    boards: str
    isa: str  # vitro's kernels
    preset: str  # the build that has programs for it
    emulator: str
    cpu: str  # QEMU's name for it, or for one with the same instructions
    triple: str
    model: str  # LLVM's
    macs: float  # the limit, in a cycle
    l1: str
    l2: str


CORES = {
    core.name: core
    for core in (
        Core("cortex-a53", "Pi 3, Zero 2", "neon", "aarch64-qemu", "qemu-aarch64", "cortex-a53", "aarch64", "cortex-a53", 16 / 3, "32768/4", "524288/16"),
        Core("cortex-a55", "RK3588's and phones' small cores", "neon_dotprod", "aarch64-qemu", "qemu-aarch64", "cortex-a76", "aarch64", "cortex-a55", 16, "32768/4", "131072/4"),
        # LLVM times Cortex-A72 as A57, Cortex-A76 as A57 too: Neoverse N1, the same core for servers, stands for the latter.
        Core("cortex-a72", "Pi 4, Jetson Nano", "neon", "aarch64-qemu", "qemu-aarch64", "cortex-a72", "aarch64", "cortex-a72", 8, "32768/2", "1048576/16"),
        Core("cortex-a76", "Pi 5, Jetson Orin", "neon_dotprod", "aarch64-qemu", "qemu-aarch64", "cortex-a76", "aarch64", "neoverse-n1", 32, "65536/4", "524288/8"),
        Core("neoverse-v1", "servers with i8mm", "neon_i8mm", "aarch64-qemu", "qemu-aarch64", "max,sve=off", "aarch64", "neoverse-v1", 128, "65536/4", "1048576/8"),
        Core("neoverse-n2", "servers with i8mm", "neon_i8mm", "aarch64-qemu", "qemu-aarch64", "max,sve=off", "aarch64", "neoverse-n2", 64, "65536/4", "1048576/8"),
    )
}
