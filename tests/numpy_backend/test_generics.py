"""Each class of `linalg.generic`: what is printed, and that it computes the right numbers for any sizes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from printed_numpy import Printed, printed, relative_error

Array = NDArray[Any]

Formula = Callable[[Any], Any] | Callable[[Any, Any], Any] | Callable[[Any, Any, Any], Any]
"""The result from the inputs."""

SIZES = {"b": 2, "s": 5, "k": 7, "n": 3, "h": 2, "g": 3, "q": 4, "d": 6}


@dataclass(frozen=True)
class Generic:
    """A generic in index notation, `bsk,kn->bsn`, with the body of MLIR text that yields `%y`; all axes are dynamic.

    `0` in an input stands for an axis of size 1 that is indexed by 0.
    """

    notation: str
    body: str
    expected: Formula
    line: str
    init: str | None = None
    element: str = "f32"

    @property
    def inputs(self) -> list[str]:
        return self.notation.split("->")[0].split(",")

    @property
    def result(self) -> str:
        return self.notation.split("->")[1]

    def text(self) -> str:
        """A function of the inputs that returns the result."""
        loops = list(dict.fromkeys((self.result + "".join(self.inputs)).replace("0", "")))
        dims = ", ".join(f"d{n}" for n in range(len(loops)))
        terms = [*self.inputs, self.result]
        maps = [", ".join("0" if axis == "0" else f"d{loops.index(axis)}" for axis in term) for term in terms]
        kinds = ", ".join('"parallel"' if loop in self.result else '"reduction"' for loop in loops)
        types = [self.type(term) for term in terms]
        names = [f"%x{n}" for n in range(len(self.inputs))]
        elements = [f"%e{n}: {self.element}" for n in range(len(self.inputs))]
        arguments = ", ".join(
            f"{name}: {kind} {{rlx.dims = [{self.dims(term)}]}}"
            for name, kind, term in zip(names, types, terms, strict=False)
        )
        indexing = ", ".join(f"affine_map<({dims}) -> ({map_})>" for map_ in maps)
        lines = [f"func.func @f({arguments}) -> {types[-1]} {{", *self.sizes()]
        empty = f"tensor.empty({', '.join(f'%{axis}' for axis in self.result)}) : {types[-1]}"
        if self.init is None:
            lines.append(f"%init = {empty}")
        else:
            lines += [
                f"%empty = {empty}",
                f"%start = arith.constant {self.init} : {self.element}",
                f"%init = linalg.fill ins(%start : {self.element}) outs(%empty : {types[-1]}) -> {types[-1]}",
            ]
        lines += [
            f"%result = linalg.generic {{indexing_maps = [{indexing}], iterator_types = [{kinds}]}}",
            f"ins({', '.join(names)} : {', '.join(types[:-1])}) outs(%init : {types[-1]}) {{",
            f"^bb0({', '.join(elements)}, %acc: {self.element}):",
            *self.body.splitlines(),
            f"linalg.yield %y : {self.element}",
            f"}} -> {types[-1]}",
            f"func.return %result : {types[-1]}",
            "}",
        ]
        return "\n".join(lines)

    def type(self, term: str) -> str:
        return f"tensor<{''.join('1x' if axis == '0' else '?x' for axis in term)}{self.element}>"

    def dims(self, term: str) -> str:
        return ", ".join(f'"{axis}"' for axis in term if axis != "0")

    def sizes(self) -> list[str]:
        """The sizes of the axes of the result."""
        lines: list[str] = []
        for axis in self.result:
            source, place = next((n, term.index(axis)) for n, term in enumerate(self.inputs) if axis in term)
            lines += [
                f"%c_{axis} = arith.constant {place} : index",
                f"%{axis} = tensor.dim %x{source}, %c_{axis} : {self.type(self.inputs[source])}",
            ]
        return lines

    def arrays(self, sizes: dict[str, int]) -> list[Array]:
        random = np.random.default_rng(0)
        shapes = [[1 if axis == "0" else sizes[axis] for axis in term] for term in self.inputs]
        return [random.standard_normal(shape).astype(np.float32) for shape in shapes]


PRODUCT = "%p = arith.mulf %e0, %e1 : f32\n%y = arith.addf %acc, %p : f32"
SQUARE = "%p = arith.mulf %e0, %e0 : f32\n%y = arith.addf %acc, %p : f32"


def causal(x: Array) -> Array:
    """`x` where the column is at most two beyond the row, minus infinity elsewhere."""
    rows, columns = np.indices(x.shape[1:])
    return np.where(columns <= rows + 2, x, np.float32(-np.inf))


GENERICS = {
    "projection": Generic("bsk,kn->bsn", PRODUCT, lambda x, w: x @ w, "x0 @ x1", "0.0"),
    "operands swapped": Generic("kn,bsk->bsn", PRODUCT, lambda w, x: x @ w, "x1 @ x0", "0.0"),
    "weight by rows": Generic("sk,nk->sn", PRODUCT, lambda x, w: x @ w.T, "x0 @ x1.T", "0.0"),
    "stacked": Generic("bsk,bkn->bsn", PRODUCT, lambda x, y: x @ y, "x0 @ x1", "0.0"),
    "scores": Generic(
        "bqhgd,bkhd->bhgqk",
        PRODUCT,
        lambda q, k: np.einsum("bqhgd,bkhd->bhgqk", q, k),
        "x0.transpose(0, 2, 3, 1, 4) @ x1.transpose(0, 2, 3, 1)[:, :, None]",
        "0.0",
    ),
    "context": Generic(
        "bhgqk,bkhd->bqhgd",
        PRODUCT,
        lambda w, v: np.einsum("bhgqk,bkhd->bqhgd", w, v),
        "x0.transpose(0, 3, 1, 2, 4) @ x1.transpose(0, 2, 1, 3)[:, None]",
        "0.0",
    ),
    "matrix by vector": Generic("sk,k->s", PRODUCT, lambda x, v: x @ v, 'np.einsum("ab,b->a", x0, x1)', "0.0"),
    "two sums": Generic(
        "bsk,bsn->kn", PRODUCT, lambda x, y: np.einsum("bsk,bsn->kn", x, y), 'np.einsum("cda,cdb->ab", x0, x1)', "0.0"
    ),
    "unit axis in a product": Generic("b0k,kn->bn", PRODUCT, lambda x, w: x[:, 0] @ w, "x0[:, 0, :] @ x1", "0.0"),
    "mean of squares": Generic("bsn->bs", SQUARE, lambda x: np.sum(x * x, axis=-1), "np.sum(x0 * x0, axis=-1)", "0.0"),
    "sum of all": Generic("bs->", "%y = arith.addf %acc, %e0 : f32", np.sum, "np.sum(x0)", "0.0"),
    "sum of the middle": Generic(
        "bsn->bn", "%y = arith.addf %e0, %acc : f32", lambda x: np.sum(x, axis=1), "np.sum(x0, axis=1)", "0.0"
    ),
    "sum onto other axes": Generic(
        "bsn->nb",
        "%y = arith.addf %e0, %acc : f32",
        lambda x: np.sum(x, axis=1).T,
        "np.sum(x0.transpose(2, 0, 1), axis=-1)",
        "0.0",
    ),
    "sum of two axes": Generic(
        "bsn->s",
        "%y = arith.addf %e0, %acc : f32",
        lambda x: np.sum(x, axis=(0, 2)),
        "np.sum(x0, axis=(0, 2))",
        "0.0",
    ),
    "sum from a number": Generic(
        "bs->b",
        "%y = arith.addf %e0, %acc : f32",
        lambda x: 2 + np.sum(x, 1),
        "np.sum(x0, axis=-1, initial=2.0)",
        "2.0",
    ),
    "largest, but at least": Generic(
        "bs->b",
        "%y = arith.maximumf %acc, %e0 : f32",
        lambda x: np.max(x, axis=-1, initial=0.25),
        "np.max(x0, axis=-1, initial=0.25)",
        "0.25",
    ),
    "smallest": Generic(
        "bs->b",
        "%y = arith.minimumf %acc, %e0 : f32",
        lambda x: np.min(x, axis=-1),
        "np.min(x0, axis=-1)",
        "0x7F800000",
    ),
    "sum of products": Generic(
        "bsn,n->bs",
        "%p = arith.divf %e0, %e1 : f32\n%y = arith.addf %acc, %p : f32",
        lambda x, v: np.sum(x / v, axis=-1),
        "np.sum(x0 / x1, axis=-1)",
        "0.0",
    ),
    "row statistics": Generic(
        "bsn,bs,n->bsn",
        "%a = math.absf %e1 : f32\n%r = math.rsqrt %a : f32\n%p = arith.mulf %e0, %r : f32\n"
        "%y = arith.mulf %p, %e2 : f32",
        lambda x, s, g: x / np.sqrt(np.abs(s))[:, :, None] * g,
        "x0 * (1.0 / np.sqrt(np.abs(x1)))[..., None] * x2",
    ),
    "inner broadcast": Generic(
        "bshd,sd->bshd",
        "%y = arith.mulf %e0, %e1 : f32",
        lambda x, c: x * c[:, None],
        "x0 * x1[:, None, :]",
    ),
    "unit axis": Generic(
        "bhqk,b0qk->bhqk",
        "%y = arith.addf %e0, %e1 : f32",
        lambda x, bias: x + bias,
        "x0 + x1[:, 0, None]",
    ),
    "other order": Generic(
        "bsn,nb->bsn",
        "%y = arith.subf %e0, %e1 : f32",
        lambda x, y: x - y.T[:, None],
        "x0 - x1.T[:, None, :]",
    ),
    "transposition": Generic(
        "bsn->nbs", "%y = arith.negf %e0 : f32", lambda x: -x.transpose(2, 0, 1), "-x0.transpose(2, 0, 1)"
    ),
    "a choice": Generic(
        "bs,s->bs",
        "%c = arith.cmpf olt, %e0, %e1 : f32\n%z = arith.constant 0.5 : f32\n%y = arith.select %c, %e0, %z : f32",
        lambda x, v: np.where(x < v, x, np.float32(0.5)),
        "np.where(x0 < x1, x0, 0.5)",
    ),
    "a choice between numbers": Generic(
        "bs,s->bs",
        "%c = arith.cmpf ult, %e0, %e1 : f32\n%z = arith.constant 0.5 : f32\n%o = arith.constant -2.5 : f32\n"
        "%y = arith.select %c, %o, %z : f32",
        lambda x, v: np.float32(0.5) - 3 * (x < v),
        "np.where(~(x0 >= x1), np.float32(-2.5), 0.5)",
    ),
    "positions": Generic(
        "bqk->bqk",
        "%i = linalg.index 1 : index\n%j = linalg.index 2 : index\n%c2 = arith.constant 2 : index\n"
        "%p = arith.addi %i, %c2 : index\n%c = arith.cmpi sle, %j, %p : index\n"
        "%inf = arith.constant 0xFF800000 : f32\n%y = arith.select %c, %e0, %inf : f32",
        causal,
        "np.where(np.arange(k) <= np.arange(2, q + 2)[:, None], x0, -np.inf)",
    ),
    "numbers of positions": Generic(
        "bs->bs",
        "%i = linalg.index 1 : index\n%j = arith.index_cast %i : index to i32\n%x = arith.sitofp %j : i32 to f32\n"
        "%y = arith.mulf %e0, %x : f32",
        lambda x: x * np.arange(x.shape[1], dtype=np.float32),
        "x0 * np.arange(s).astype(np.float32)",
    ),
}


@pytest.fixture(params=GENERICS, scope="module")
def generic(request: pytest.FixtureRequest) -> Generic:
    return GENERICS[request.param]


@pytest.fixture(scope="module")
def code(generic: Generic) -> Printed:
    return printed(generic.text())


def test_prints_one_expression(generic: Generic, code: Printed):
    assert code.body[-2:] == [f"result = {generic.line}", "return result"]


def test_computes_the_right_numbers(generic: Generic, code: Printed):
    @settings(deadline=None, max_examples=15)
    @given(st.fixed_dictionaries({axis: st.integers(1, size + 3) for axis, size in SIZES.items()}))
    def check(sizes: dict[str, int]):
        arrays = generic.arrays(sizes)
        (found,) = code(*arrays)
        expected = np.asarray(cast("Callable[..., Any]", generic.expected)(*arrays))
        assert found.dtype == np.float32
        finite = np.isfinite(expected)
        assert np.array_equal(finite, np.isfinite(found))
        assert relative_error(np.where(finite, found, 0), np.where(finite, expected, 0)) < 2e-6

    check()
