"""The formatter: one form, with all words and comments, that it leaves as it is."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from lark import Token, Tree

from flow_texts import flow_texts
from rlxc import RlxcError
from rlxc.flow.language.format import formatted
from rlxc.flow.language.grammar import parse
from rlxc.flow.language.source import FlowText

ROOT = Path(__file__).parents[3]
FILES = sorted([*(ROOT / "examples").glob("*.flow"), *(ROOT / "rlxc").rglob("*.flow")])

BEFORE = """
# About the file
model   m( cfg ){ # m


  input ids["B" ,"S"]:i64
  # what x is
  let x=-cfg.a[ 1 ]*( 2+3 )//4   # x


  let y = # why
    x - -1
  rms_norm( "w" , eps=1e-5, ) residual{}
  rms_norm("w", # the weight
    # the bound
    eps = 1e-5 )
  when not(x==1){ softcap(x) } # not one
  else when x>2 { } else { linear("w") # last
  }
  layer "a.{x}."( k="k" ){ }

}
# end
"""

AFTER = """\
# About the file
model m(cfg) {  # m

  input ids ["B", "S"]: i64
  # what x is
  let x = -cfg.a[1] * (2 + 3) // 4  # x

  # why
  let y = x - -1
  rms_norm(
    "w",
    eps = 1e-5,
  )
  residual {
  }
  rms_norm(
    "w",  # the weight
    # the bound
    eps = 1e-5,
  )
  when not (x == 1) {
    softcap(x)
  } else when x > 2 {
    # not one
  } else {
    linear("w")  # last
  }
  layer "a.{x}." (k = "k") {
  }
}
# end
"""


def test_form() -> None:
    assert formatted(BEFORE) == AFTER


def test_long_lines_are_split_at_arguments() -> None:
    arguments = ", ".join(f'{name} = "{"x" * 40}"' for name in ("gate_key", "up_key", "down_key"))
    lines = formatted(f"model m() {{ swiglu({arguments}) }}").split("\n")
    assert lines[1:6] == ["  swiglu(", *(f"    {one}," for one in arguments.split(", ")), "  )"]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_files_have_the_form(path: Path) -> None:
    text = path.read_text()
    assert formatted(text, str(path)) == text, f"run rlxc fmt {path.relative_to(ROOT)}"


@given(flow_texts())
@settings(max_examples=100, deadline=None)
def test_generated_texts(text: str) -> None:
    once = formatted(text)
    assert formatted(once) == once
    assert tree_of(once) == tree_of(text)
    assert comments(once) == comments(text)


def test_a_text_that_is_no_flow() -> None:
    with pytest.raises(RlxcError, match=r"m.flow:1:7: unexpected"):
        formatted("model (", "m.flow")


def tree_of(text: str) -> Tree[Token]:
    return parse(FlowText(text, "m.flow"))


def comments(text: str) -> list[str]:
    """Comments may move past words, but none is lost."""
    return sorted("#" + line.partition("#")[2].rstrip() for line in text.split("\n") if "#" in line)
