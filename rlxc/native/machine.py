"""Whether this machine can run code that was made for another one, as far as the system tells."""

from __future__ import annotations

import platform
import re
from pathlib import Path

from rlxc.native.codegen import Target

ARCHITECTURES = {"amd64": "x86_64", "arm64": "aarch64"}
"""Other names of processors -> LLVM's names."""

CPU_INFO = Path("/proc/cpuinfo")

X86 = (
    "cmov cx8 cx16 mmx sse sse2 ssse3 sse4a popcnt movbe adx aes avx avx2 fma f16c fma4 xop tbm bmi2 gfni vaes "
    "vpclmulqdq avx512f avx512bw avx512cd avx512dq avx512vl avx512ifma avx512vbmi"
)
X86_RENAMED = {
    "64bit": "lm",
    "avx512bf16": "avx512_bf16",
    "avx512bitalg": "avx512_bitalg",
    "avx512fp16": "avx512_fp16",
    "avx512vbmi2": "avx512_vbmi2",
    "avx512vnni": "avx512_vnni",
    "avx512vpopcntdq": "avx512_vpopcntdq",
    "avxvnni": "avx_vnni",
    "bmi": "bmi1",
    "lzcnt": "abm",
    "pclmul": "pclmulqdq",
    "sha": "sha_ni",
    "sse3": "pni",
    "sse4.1": "sse4_1",
    "sse4.2": "sse4_2",
}
ARM_RENAMED = {
    "aes": "aes",
    "bf16": "bf16",
    "crc": "crc32",
    "dotprod": "asimddp",
    "fp-armv8": "fp",
    "fullfp16": "asimdhp",
    "i8mm": "i8mm",
    "lse": "atomics",
    "neon": "asimd",
    "sha2": "sha2",
    "sve": "sve",
    "sve2": "sve2",
}
FLAGS = {"x86_64": {**{name: name for name in X86.split()}, **X86_RENAMED}, "aarch64": ARM_RENAMED}
"""Of each architecture, the features that code makes use of: LLVM's name -> Linux's name."""


def machine_problem(target: Target) -> str | None:
    """Why code for `target` does not run on this machine; None if it does, or if the system does not tell."""
    architecture, here = target.triple.partition("-")[0], platform.machine().lower()
    architecture, here = (ARCHITECTURES.get(name, name) for name in (architecture, here))
    if architecture != here:
        return f"it was made for {architecture}, but this machine is {here}"
    present = cpu_flags()
    flags = FLAGS.get(architecture, {})
    needed = [feature[1:] for feature in target.features.split(",") if feature.startswith("+")]
    missing = sorted(name for name in needed if name in flags and flags[name] not in present)
    if present and missing:
        return f"it was made for {target.cpu}, and this CPU lacks {', '.join(missing)}"
    return None


def cpu_flags() -> frozenset[str]:
    """The features of this CPU in the words of Linux; empty on other systems."""
    try:
        text = CPU_INFO.read_text()
    except OSError:
        return frozenset()
    found = re.search(r"^(?:flags|Features)\s*:(.*)$", text, re.MULTILINE)
    return frozenset(found[1].split()) if found else frozenset()
