"""What a shared library says of itself: what it takes and gives, what it was made for, and from which program."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from rlxc.diagnostics import RlxcError
from rlxc.native.codegen import Target
from rlxc.native.signature import Signature
from rlxc.native.signature_text import signature_of
from rlxc.native.threads.team_code import RUN, WORK

FORMAT = 1
"""The number of the format. It changes when an older rlxc would misread a manifest, or misuse a library."""

START = b'{"rlxc_library":'
"""How a manifest begins, in the library and as a file."""

NEWER = "upgrade rlxc, or compile the program again"


@dataclass(frozen=True)
class Manifest:
    """The manifest of a library made by rlxc.

    `kernels` is the kernel target. `program` is what the maker of the library has to say of the program, as JSON.
    """

    signature: Signature
    target: Target
    kernels: str
    version: str
    """The version of rlxc."""
    program: Mapping[str, Any]

    def text(self) -> str:
        """The manifest as JSON, on one line."""
        return json.dumps(self._data(), separators=(",", ":"))

    def readable(self) -> str:
        """The same for readers."""
        return json.dumps(self._data(), indent=2) + "\n"

    def _data(self) -> dict[str, Any]:
        entry, prepare = self.signature.symbols
        symbols = {"entry": entry, "prepare": prepare}
        if self.signature.threaded:
            symbols |= {"thread_entry": self.signature.thread_symbol, "run_team": RUN, "team_worker": WORK}
        return {
            "rlxc_library": FORMAT,
            "rlxc": self.version,
            "symbols": symbols,
            "signature": asdict(self.signature),
            "target": asdict(self.target),
            "kernels": self.kernels,
            "program": self.program,
        }


def read_manifest(text: bytes) -> Manifest:
    """The manifest that `Manifest.text` has written. Raises RlxcError if it is damaged, or of a newer format."""
    try:
        found = json.loads(text)
        number, version = int(found["rlxc_library"]), str(found["rlxc"])
        manifest = manifest_of(found) if number <= FORMAT else None
    except (ValueError, KeyError, TypeError) as error:
        raise RlxcError("its manifest is damaged", hint="compile the program again") from error
    if manifest is None:
        raise RlxcError(f"it was made by rlxc {version} in format {number}, this rlxc reads {FORMAT}", hint=NEWER)
    return manifest


def manifest_of(found: Mapping[str, Any]) -> Manifest:
    """The manifest in what JSON text holds."""
    signature, target = signature_of(found["signature"]), Target(**found["target"])
    return Manifest(signature, target, found["kernels"], found["rlxc"], found["program"])
