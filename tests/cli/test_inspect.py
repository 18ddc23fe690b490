"""`rlxc inspect` on bad input: reason and exit code."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

Rlxc = Callable[..., tuple[int, str, str]]

EXAMPLE = Path(__file__).parents[2] / "examples" / "qk_norm.py"

CASES: dict[str, tuple[str, int, str]] = {
    "size without a value": ("--dims B", 2, "malformed size 'B'"),
    "negative size": ("--dims B=-1", 2, "malformed size 'B=-1'"),
    "misspelt option": ("--jsn", 2, "unknown argument '--jsn' (did you mean '--json'?)"),
    "unknown pipeline": ("-p fuze", 1, "unknown pass 'fuze' (did you mean 'fuse'?)"),
    "no weights file": ("--weights none.npz", 1, "cannot read weights from 'none.npz': there is no such file"),
}


@pytest.mark.parametrize(("options", "code", "message"), CASES.values(), ids=CASES)
def test_bad_options(options: str, code: int, message: str, rlxc: Rlxc):
    done, output, errors = rlxc("inspect", EXAMPLE, *options.split())
    assert done == code
    assert message in errors
    assert "Traceback" not in errors
    assert output == ""


def test_no_program(rlxc: Rlxc):
    code, output, errors = rlxc("inspect", "none.py")
    assert (code, output) == (1, "")
    assert "cannot read 'none.py': No such file or directory" in errors
