"""The attributes of arguments are named in one place, which all parts import."""

from __future__ import annotations

from pathlib import Path

from rlxc.passes import attribute_names

ROOT = Path(__file__).parents[2]
NAMES = [value for name, value in vars(attribute_names).items() if name.isupper()]


def test_nobody_else_spells_the_names() -> None:
    files = [file for part in ("dialects", "passes", "rlxc") for file in (ROOT / part).rglob("*.py")]
    others = [file for file in files if file.name != "attribute_names.py"]
    spelt = [
        (str(file.relative_to(ROOT)), name) for file in others for name in NAMES if f'"{name}"' in file.read_text()
    ]
    assert len(NAMES) > 10
    assert spelt == []
