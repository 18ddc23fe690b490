"""Texts that are no flows: what is wrong, where, and the remedy."""

from __future__ import annotations

import pytest

from rlxc import RlxcError
from rlxc.flow.language import read_flow

CASES = {
    "end": ('model m(cfg) {\n  linear("w")\n', "unexpected end of the file", 2, 14, "expected one of"),
    "word": ("model m(cfg) {\n  repeat 3 at i { }\n}", "unexpected 'at'", 2, 12, "'as'"),
    "keyword": ("model m(cfg) {\n  residul { }\n}", "unexpected '{'", 2, 11, "expected '('"),
    "top": ("modle m(cfg) { }", "unexpected 'modle'", 1, 1, "expected 'model'"),
    "sign": ("model m(cfg) {\n  let x = 3 $ 4\n}", "unexpected '$'", 2, 13, "expected one of"),
    "string": ('model m(cfg) {\n  linear("w)\n}', "a string without its end", 2, 10, "same line"),
    "stage": (
        'model m(cfg) {\n  rms_nrm("w")\n}',
        "unknown stage 'rms_nrm' (did you mean 'rms_norm'?)",
        2,
        3,
        "stages: ",
    ),
    "function": ("model m(cfg) {\n  let x = slidng(3)\n}", "(did you mean 'sliding'?)", 2, 11, "functions: "),
    "argument": (
        'model m(cfg) {\n  rms_norm("w", epsilon = 1)\n}',
        "no argument 'epsilon'",
        2,
        17,
        "arguments of rms_norm: key, eps",
    ),
    "lacking": ("model m(cfg) {\n  softcap()\n}", "softcap lacks 'cap'", 2, 3, "softcap(cap = ...)"),
    "twice": ('model m(cfg) {\n  rms_norm("w", key = "v")\n}', "'key' is given twice", 2, 17, None),
    "order": ('model m(cfg) {\n  rms_norm(eps = 1, "v")\n}', "behind one with a name", 2, 21, None),
    "many": ("model m(cfg) {\n  softcap(1, 2)\n}", "takes 1 arguments at most", 2, 14, None),
    "field": ('model m(cfg) {\n  rms_norm("w", eps = "x")\n}', "eps must be a finite number", 2, 23, None),
    "choice": ('model m(cfg) {\n  linear("w", activation = "sliu")\n}', "(did you mean 'silu'?)", 2, 28, None),
    "name": (
        "model m(cfg) {\n  softcap(cgf.x)\n}",
        "unknown name 'cgf' (did you mean 'cfg'?)",
        2,
        11,
        "known here: cfg",
    ),
    "key": ("model m(cfg) {\n  softcap(cfg.hiden)\n}", "no 'hiden' (did you mean 'hidden'?)", 2, 15, "--config"),
    "member": ("model m(cfg) {\n  softcap(cfg.hidden.x)\n}", "8 has no 'x'", 2, 22, None),
    "operand": ('model m(cfg) {\n  softcap(1 + "x")\n}', "expected a number, got 'x'", 2, 15, None),
    "zero": ("model m(cfg) {\n  softcap(1 // 0)\n}", "division by zero", 2, 16, None),
    "condition": ("model m(cfg) {\n  when 1 { }\n}", "must be true or false, got 1", 2, 8, None),
    "count": ("model m(cfg) {\n  repeat 1.5 as i { }\n}", "a whole number from 0 to 4096, got 1.5", 2, 10, None),
    "brace": ('model m(cfg) {\n  linear("w{i")\n}', "a brace without its partner", 2, 10, "write {i}"),
    "braced": ('model m(cfg) {\n  linear("w{1+1}")\n}', "'{1+1}' names no value", 2, 10, "write a name"),
    "index": ("model m(cfg) {\n  softcap(cfg.list[2])\n}", "2 is no index of a list of 2 values", 2, 20, None),
    "size": ("model m(cfg) {\n  input x [0]\n}", "a size must be a positive whole number", 2, 12, None),
    "dtype": ("model m(cfg) {\n  input x: f23\n}", "unknown dtype 'f23'", 2, 9, "use one of"),
    "input": ("model m(cfg) {\n  input x\n  input x\n}", "an input 'x' already", 3, 9, None),
    "weight": ('model m(cfg) {\n  weight "w" ["B"]\n}', "sizes that are numbers", 2, 3, None),
    "reshaped": ('model m(cfg) {\n  weight "w" [1]\n  weight "w" [2]\n}', "has shape [1] already", 3, 10, None),
    "layer": ('model m(cfg) {\n  layer "a" { layer "b" { } }\n}', "a layer within a layer", 2, 15, None),
    "declared": ('model m(cfg) {\n  layer "a" { input x }\n}', "a layer declares no inputs", 2, 15, None),
    "layer input": ('model m(cfg) {\n  layer "a" ("k") { }\n}', "expected a name for an input", 2, 14, None),
}


@pytest.mark.parametrize("case", CASES)
def test_error_has_place_and_remedy(case: str) -> None:
    text, message, line, column, hint = CASES[case]
    error = failure(text)
    assert message in error.message
    assert error.location == ("model.flow", line, column)
    assert error.render().split("\n")[1:3] == [text.split("\n")[line - 1], " " * (column - 1) + "^"]
    assert (hint or "") in (error.hint or "")


def test_what_a_stage_finds_while_it_is_emitted_has_its_place() -> None:
    text = 'model m(cfg) {\n  input x ["B", "S", 8]\n  weight "w" [8, 7]\n  linear("w")\n}'
    read = read_flow(text, "model.flow")
    with pytest.raises(RlxcError, match=r"model.flow:4:3: Linear\(w\): .*has shape \[8, 7\], expected \[any, 8\]"):
        read.flow.build(read.weights)


def failure(text: str) -> RlxcError:
    with pytest.raises(RlxcError) as found:
        read_flow(text, "model.flow", {"hidden": 8, "list": [1, 2]})
    return found.value
