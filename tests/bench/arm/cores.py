# SPDX-License-Identifier: Apache-2.0
"""The Arm cores that are modelled: the boards that have them, the CPU that QEMU emulates, LLVM's model of the core,
the sizes of its caches, and the most int8 multiply-accumulates that it can do in a cycle.

The limit is the model's limit for independent products from registers and nothing else (smull, smlal2 and sadalp for
each 16; sdot; smmla), so no program can exceed it. The caches are those of the boards that are named, from the manuals
of cores and chips: bytes and ways.
"""
from dataclasses import dataclass


ARM, THUMB = "armv7a-linux-gnueabihf", "thumbv7a-linux-gnueabihf"


@dataclass(frozen=True)
class Core:
    name: str
    boards: str
    isa: str  # of vitro's kernels
    preset: str  # the build with executables for it
    emulator: str
    cpu: str  # QEMU's name for the core, or for one with the same instructions
    triple: str
    model: str  # LLVM's name for its model of the core
    macs: float  # the limit, for one cycle
    l1: str
    l2: str
    thumb: str = ""  # LLVM's triple for Thumb code, where a core runs both


CORES = {
    core.name: core
    for core in (
        Core("cortex-a53", "Pi 3, Zero 2", "neon", "aarch64-qemu", "qemu-aarch64", "cortex-a53", "aarch64", "cortex-a53", 16 / 3, "32768/4", "524288/16"),
        Core("cortex-a55", "RK3588's and phones' small cores", "neon_dotprod", "aarch64-qemu", "qemu-aarch64", "cortex-a76", "aarch64", "cortex-a55", 16, "32768/4", "131072/4"),
        # LLVM uses its model of A57 for A72, and for A76 too. For A76 we take Neoverse N1, the same core for servers.
        Core("cortex-a72", "Pi 4, Jetson Nano", "neon", "aarch64-qemu", "qemu-aarch64", "cortex-a72", "aarch64", "cortex-a72", 8, "32768/2", "1048576/16"),
        Core("cortex-a76", "Pi 5, Jetson Orin", "neon_dotprod", "aarch64-qemu", "qemu-aarch64", "cortex-a76", "aarch64", "neoverse-n1", 32, "65536/4", "524288/8"),
        Core("neoverse-v1", "servers with i8mm", "neon_i8mm", "aarch64-qemu", "qemu-aarch64", "max,sve=off", "aarch64", "neoverse-v1", 128, "65536/4", "1048576/8"),
        Core("neoverse-n2", "servers with i8mm", "neon_i8mm", "aarch64-qemu", "qemu-aarch64", "max,sve=off", "aarch64", "neoverse-n2", 64, "65536/4", "1048576/8"),
        # Microcontrollers, whose firmware runs on QEMU's boards (tests/platforms/cortex_m).
        Core("cortex-m4", "microcontrollers", "dsp", "cortex-m4", "qemu-system-arm", "", "thumbv7em-none-eabi", "cortex-m4", 2, "", ""),
        Core("cortex-m7", "microcontrollers", "dsp", "cortex-m7", "qemu-system-arm", "", "thumbv7em-none-eabi", "cortex-m7", 2, "", ""),
        Core("cortex-m55", "microcontrollers", "helium", "cortex-m55", "qemu-system-arm", "", "thumbv8.1m.main-none-eabi", "cortex-m55", 8, "", ""),
        # LLVM cannot time the models that it has of Cortex-A15 and A7. Cortex-A57 in 32 bits is near to the first, Cortex-A9, whose NEON is as wide, to the second.
        Core("cortex-a15", "32-bit systems", "neon", "armv7-qemu", "qemu-arm", "cortex-a15", ARM, "cortex-a57", 8, "32768/2", "1048576/16", THUMB),
        Core("cortex-a7", "Pi 2", "neon", "armv7-qemu", "qemu-arm", "cortex-a7", ARM, "cortex-a9", 16 / 3, "32768/4", "524288/8", THUMB),
    )
}
