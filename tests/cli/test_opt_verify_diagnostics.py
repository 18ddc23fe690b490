"""`rlxc opt --verify-diagnostics`: files that say which errors and remarks they expect."""

from __future__ import annotations

from collections.abc import Callable

Rlxc = Callable[..., tuple[int, str, str]]

REPEATED = """\
func.func @f(%q: tensor<1x?x64xf32>, %k: tensor<1x?x32xf32>) -> tensor<1x?x64xf32> {
  %r = rlx.repeat_kv %k {head_dim = 16, group = 2} : tensor<1x?x32xf32> -> tensor<1x?x64xf32>
  // COMMENT
  %o = rlx.attention %q, %r, %r {num_heads = 4, num_kv_heads = 4, head_dim = 16}
     : tensor<1x?x64xf32>, tensor<1x?x64xf32>
  return %o : tensor<1x?x64xf32>
}
"""


def test_expected_errors(rlxc: Rlxc) -> None:
    text = (
        "// expected-error@+1 {{unknown operation 'rlx.atention'}}\nrlx.atention\n// -----\n"
        "func.func @f() {\n  // expected-error@below {{is not a terminator}}\n  %c = arith.constant 0 : i32\n}\n"
    )
    assert rlxc("opt", "--verify-diagnostics", "--split-input-file", stdin=text) == (0, "// -----\n", "")


def test_unexpected_error(rlxc: Rlxc) -> None:
    code, out, err = rlxc("opt", "--verify-diagnostics", stdin="rlx.atention")
    assert (code, out) == (1, "")
    assert err.startswith("<stdin>:1:1: error: unexpected error: unknown operation 'rlx.atention'")


def test_missing_error(rlxc: Rlxc) -> None:
    text = "func.func private @f()\n// expected-error@-1 {{nothing of the kind}}\n"
    code, out, err = rlxc("opt", "--verify-diagnostics", stdin=text)
    assert (code, out) == (1, "")
    assert err == (
        "<stdin>:2:4: error: expected error was not produced: nothing of the kind\n"
        "// expected-error@-1 {{nothing of the kind}}\n   ^\n"
    )


def test_failing_pass(rlxc: Rlxc) -> None:
    text = "// expected-error@unknown {{pass 'rlx-params-to-args' failed}}\nmodule {}"
    assert rlxc("opt", "--verify-diagnostics", "-p", "rlx-params-to-args", stdin=text)[0] == 0


def run_on(rlxc: Rlxc, comment: str, *options: str) -> tuple[int, str, str]:
    text = REPEATED.replace("COMMENT", comment)
    return rlxc("opt", "--verify-diagnostics", "-p", "rlx-eliminate-repeat-kv", *options, stdin=text)


def test_expected_remark(rlxc: Rlxc) -> None:
    code, out, err = run_on(rlxc, "expected-remark@+1 {{fused: num_kv_heads = 2}}")
    assert (code, err) == (0, "")
    assert "num_kv_heads = 2" in out


def test_missing_remark(rlxc: Rlxc) -> None:
    code, _, err = run_on(rlxc, "expected-remark@+1 {{missed}}")
    assert code == 1
    assert "<stdin>:3:6: error: expected remark was not produced: missed" in err


def test_unexpected_remarks_count_if_remarks_are_asked_for(rlxc: Rlxc) -> None:
    assert run_on(rlxc, "nothing")[0] == 0
    code, _, err = run_on(rlxc, "nothing", "--remarks")
    assert code == 1
    assert "<stdin>:4:3: error: unexpected remark: " in err
