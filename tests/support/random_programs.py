"""Random programs that share tensors in every way: updates, slices, reshapes, loops that swap what they carry.

Each program is MLIR text, and steps that compute the same on copies of NumPy arrays.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

Array: TypeAlias = NDArray[np.float32]
Values: TypeAlias = dict[str, Array]
Step: TypeAlias = Callable[[Values], None]
Draw: TypeAlias = Callable[[st.SearchStrategy[Any]], Any]


@dataclass(frozen=True)
class Program:
    """A function of a whole and a part, the names of what it returns, and the steps that compute all values."""

    text: str
    returned: Sequence[str]
    steps: Sequence[Step]

    def results(self, x: Array, y: Array) -> list[Array]:
        """What the function has to return."""
        values = {"x": x, "y": y}
        for step in self.steps:
            step(values)
        return [values[name] for name in self.returned]


def random_program(draw: Draw, name: str, rows: str) -> Program:
    """A program named `name`; `rows` is the size of the first axis: `4`, or `?` if the argument tells it."""
    writer = _Writer(draw, rows)
    known = {"x": writer.whole, "y": writer.part}
    steps = writer.block(known, draw(st.integers(1, 10)), 2)
    returned = [name for name in known if draw(st.booleans())] or list(known)[-1:]
    returned += [returned[0]] if draw(st.booleans()) else []
    kinds = ", ".join(known[name] for name in returned)
    donated = writer.pick("", " {rlx.donated}")
    body = "\n".join(f"  {line}" for line in writer.lines)
    text = f"""
func.func @{name}(%x: {writer.whole}{donated}, %y: {writer.part}) -> ({kinds}) {{
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %c3 = arith.constant 3 : index
  %B = tensor.dim %x, %c0 : {writer.whole}
{body}
  func.return {", ".join(f"%{name}" for name in returned)} : {kinds}
}}"""
    return Program(text, returned, steps)


class _Writer:
    """Appends the lines of random operations on the values in `known` (name -> type); each gives its step."""

    def __init__(self, draw: Draw, rows: str):
        self.draw = draw
        self.rows, self.size, self.dynamic = rows, "%B" if rows == "?" else rows, "%B" if rows == "?" else ""
        self.whole, self.part = f"tensor<{rows}x6xf32>", f"tensor<{rows}x2xf32>"
        self.lines: list[str] = []
        self.count = 0

    def pick(self, *choices: Any) -> Any:
        return self.draw(st.sampled_from(choices))

    def block(self, known: dict[str, str], length: int, depth: int) -> list[Step]:
        makers = [self.update, self.update, self.insert, self.insert, self.cut, self.cut, self.overwrite]
        makers += [self.reshape, self.scale, self.fill, *([self.loop] * 2 if depth else [])]
        return [
            self.loop(known, depth - 1) if maker == self.loop else maker(known)
            for maker in (self.pick(*makers) for _ in range(length))
        ]

    def fresh(self, known: dict[str, str], kind: str) -> str:
        self.count += 1
        known[name := f"v{self.count}"] = kind
        return name

    def one(self, known: dict[str, str], kind: str) -> str:
        """A value, rather a late one: what is used once, and soon, is overwritten."""
        *early, last = [name for name, other in known.items() if other == kind]
        return self.pick(last, *early[-2:], *early)

    def generic(self, result: str, kind: str, inputs: str, maps: Sequence[str], out: str, value: str) -> None:
        """A structured operation on elements `%p`, `%q` and `%acc`, which computes `%value`."""
        listed = ", ".join(f"affine_map<(i, j) -> ({each})>" for each in maps)
        arguments = ", ".join(f"%{name}: f32" for name in (*"pq"[: len(maps) - 1], "acc"))
        self.lines.append(
            f'%{result} = linalg.generic {{indexing_maps = [{listed}], iterator_types = ["parallel", "parallel"]}} '
            f"ins({inputs}) outs(%{out} : {kind}) {{ ^bb0({arguments}): "
            f"%half = arith.constant 0.5 : f32 {value} linalg.yield %value : f32 }} -> {kind}"
        )

    def empty(self, result: str, kind: str) -> str:
        self.lines.append(f"%e{result} = tensor.empty({self.dynamic}) : {kind}")
        return f"e{result}"

    def reading(self, kind: str) -> tuple[str, Callable[[Array], Array]]:
        """Which element of a tensor a step reads: that at its own place, or counted from the end of an axis."""
        last = 5 if kind == self.whole else 1
        reads: list[tuple[str, Callable[[Array], Array]]] = [("i, j", lambda x: x)]
        reads.append((f"i, {last} - j", lambda x: x[:, ::-1]))
        if self.rows == "4":
            reads.append(("3 - i, j", lambda x: x[::-1]))
        return self.pick(*reads)

    def update(self, known: dict[str, str]) -> Step:
        """A new tensor of two others, of which one may be read in another order."""
        kind = self.pick(self.whole, self.part)
        x, y, (read, reordered) = self.one(known, kind), self.one(known, kind), self.reading(kind)
        result = self.fresh(known, kind)
        out = self.empty(result, kind)
        value = "%scaled = arith.mulf %p, %half : f32 %value = arith.subf %scaled, %q : f32"
        self.generic(result, kind, f"%{x}, %{y} : {kind}, {kind}", [read, "i, j", "i, j"], out, value)
        return lambda values: values.update({result: halved(reordered(values[x])) - values[y]})

    def overwrite(self, known: dict[str, str]) -> Step:
        """A tensor updated where it is."""
        kind = self.pick(self.whole, self.part)
        x, y, (read, reordered) = self.one(known, kind), self.one(known, kind), self.reading(kind)
        result = self.fresh(known, kind)
        value = "%scaled = arith.mulf %p, %half : f32 %value = arith.subf %acc, %scaled : f32"
        self.generic(result, kind, f"%{x} : {kind}", [read, "i, j"], y, value)
        return lambda values: values.update({result: values[y] - halved(reordered(values[x]))})

    def scale(self, known: dict[str, str]) -> Step:
        """A tensor minus one element of another."""
        kind, other = self.pick(self.whole, self.part), self.pick(self.whole, self.part)
        x, y = self.one(known, kind), self.one(known, other)
        result = self.fresh(known, kind)
        self.lines.append(f"%s{result} = tensor.extract %{y}[%c1, %c1] : {other}")
        out = self.empty(result, kind)
        value = "%value = arith.subf %p, %q : f32"
        self.generic(result, kind, f"%{x}, %s{result} : {kind}, f32", ["i, j", "", "i, j"], out, value)
        return lambda values: values.update({result: values[x] - values[y][1, 1]})

    def fill(self, known: dict[str, str]) -> Step:
        """A tensor with new contents."""
        kind = self.pick(self.whole, self.part)
        x, result = self.one(known, kind), self.fresh(known, kind)
        self.lines.append(f"%f{result} = arith.constant 7.0 : f32")
        self.lines.append(f"%{result} = linalg.fill ins(%f{result} : f32) outs(%{x} : {kind}) -> {kind}")
        return lambda values: values.update({result: np.full_like(values[x], np.float32(7))})

    def insert(self, known: dict[str, str]) -> Step:
        part, whole, column = self.one(known, self.part), self.one(known, self.whole), self.pick(0, 1, 4)
        result = self.fresh(known, self.whole)
        self.lines.append(
            f"%{result} = tensor.insert_slice %{part} into %{whole}[0, {column}] [{self.size}, 2] [1, 1] "
            f": {self.part} into {self.whole}"
        )

        def step(values: Values) -> None:
            values[result] = values[whole].copy()
            values[result][:, column : column + 2] = values[part]

        return step

    def cut(self, known: dict[str, str]) -> Step:
        """Two columns, next to each other or not."""
        whole, column, stride = self.one(known, self.whole), self.pick(0, 1, 2), self.pick(1, 3)
        result = self.fresh(known, self.part)
        self.lines.append(
            f"%{result} = tensor.extract_slice %{whole}[0, {column}] [{self.size}, 2] [1, {stride}] "
            f": {self.whole} to {self.part}"
        )
        columns = [column, column + stride]
        return lambda values: values.update({result: values[whole][:, columns].copy()})

    def reshape(self, known: dict[str, str]) -> Step:
        """A tensor seen as one with three axes, and back."""
        x, result = self.one(known, self.whole), self.fresh(known, self.whole)
        three = f"tensor<{self.rows}x3x2xf32>"
        self.lines.append(
            f"%t{result} = tensor.expand_shape %{x} [[0], [1, 2]] output_shape [{self.size}, 3, 2] "
            f": {self.whole} into {three}"
        )
        self.lines.append(f"%{result} = tensor.collapse_shape %t{result} [[0], [1, 2]] : {three} into {self.whole}")
        return lambda values: values.update({result: values[x].copy()})

    def loop(self, known: dict[str, str], depth: int) -> Step:
        """A loop that carries two tensors, and yields any two that it knows."""
        initial, times, inner = (
            (self.one(known, self.whole), self.one(known, self.whole)),
            self.pick(0, 1, 3),
            {**known},
        )
        carried = [self.fresh(inner, self.whole) for _ in range(2)]
        results = [self.fresh(known, self.whole) for _ in range(2)]
        self.count += 1
        bound = ", ".join(f"%{name} = %{start}" for name, start in zip(carried, initial, strict=True))
        self.lines.append(
            f"%{results[0]}, %{results[1]} = scf.for %i{self.count} = %c0 to %c{times} step %c1 "
            f"iter_args({bound}) -> ({self.whole}, {self.whole}) {{"
        )
        steps = self.block(inner, self.draw(st.integers(0, 4)), depth)
        last = [self.one(inner, self.whole) for _ in range(2)]
        self.lines.append(f"scf.yield %{last[0]}, %{last[1]} : {self.whole}, {self.whole}\n  }}")

        def step(values: Values) -> None:
            current = [values[name] for name in initial]
            for _ in range(times):
                inside = {**values, **dict(zip(carried, current, strict=True))}
                for inner_step in steps:
                    inner_step(inside)
                current = [inside[name] for name in last]
            values.update(zip(results, current, strict=True))

        return step


def halved(x: Array) -> Array:
    return np.multiply(x, 0.5, dtype=np.float32)
