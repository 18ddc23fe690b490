"""Random programs of updates, slices and loops: arrays are shared and written, but values never change."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from printed_numpy import printed

Array = NDArray[Any]

KIND, PART = "tensor<4x6xf32>", "tensor<4x2xf32>"


class Writer:
    """Writes a random program as MLIR text, and computes it alongside on copies."""

    def __init__(self, draw: Callable[[st.SearchStrategy[Any]], Any]):
        self.draw = draw
        self.lines: list[str] = []
        self.count = 0

    def pick(self, *choices: Any) -> Any:
        return self.draw(st.sampled_from(choices))

    def block(self, known: dict[str, str], length: int, depth: int) -> list[Callable[[dict[str, Array]], None]]:
        """Append operations on the values in `known` (name -> type); the steps that compute them."""
        steps: list[Callable[[dict[str, Array]], None]] = []
        for _ in range(length):
            makers = [self.update, self.update, self.insert, self.insert, self.cut, *([self.loop] if depth else [])]
            steps.append(self.pick(*makers)(known))
        return steps

    def fresh(self, known: dict[str, str], kind: str) -> str:
        self.count += 1
        name = f"{self.pick('a', 'b', 'c')}_{self.count}x"
        known[name] = kind
        return name

    def one(self, known: dict[str, str], kind: str) -> str:
        return self.pick(*[name for name, other in known.items() if other == kind])

    def update(self, known: dict[str, str]) -> Callable[[dict[str, Array]], None]:
        kind = self.pick(KIND, PART)
        x, y = self.one(known, kind), self.one(known, kind)
        result, map_ = self.fresh(known, kind), "affine_map<(i, j) -> (i, j)>"
        self.lines.append(f"""
          %e{result} = tensor.empty() : {kind}
          %{result} = linalg.generic {{indexing_maps = [{map_}, {map_}, {map_}],
                                       iterator_types = ["parallel", "parallel"]}}
            ins(%{x}, %{y} : {kind}, {kind}) outs(%e{result} : {kind}) {{
            ^bb0(%p: f32, %q: f32, %acc: f32):
              %half = arith.constant 0.5 : f32
              %scaled = arith.mulf %p, %half : f32
              %value = arith.subf %scaled, %q : f32
              linalg.yield %value : f32
          }} -> {kind}""")
        return lambda values: values.update({result: values[x] * np.float32(0.5) - values[y]})

    def insert(self, known: dict[str, str]) -> Callable[[dict[str, Array]], None]:
        part, whole, column = self.one(known, PART), self.one(known, KIND), self.pick(0, 1, 4)
        result = self.fresh(known, KIND)
        self.lines.append(
            f"%{result} = tensor.insert_slice %{part} into %{whole}[0, {column}] [4, 2] [1, 1] : {PART} into {KIND}"
        )

        def step(values: dict[str, Array]) -> None:
            values[result] = values[whole].copy()
            values[result][:, column : column + 2] = values[part]

        return step

    def cut(self, known: dict[str, str]) -> Callable[[dict[str, Array]], None]:
        whole, column = self.one(known, KIND), self.pick(0, 1, 4)
        result = self.fresh(known, PART)
        self.lines.append(f"%{result} = tensor.extract_slice %{whole}[0, {column}] [4, 2] [1, 1] : {KIND} to {PART}")
        return lambda values: values.update({result: values[whole][:, column : column + 2].copy()})

    def loop(self, known: dict[str, str]) -> Callable[[dict[str, Array]], None]:
        initial = self.one(known, KIND)
        inner = dict(known)
        carried = self.fresh(inner, KIND)
        result = self.fresh(known, KIND)
        head = len(self.lines)
        steps = self.block(inner, self.draw(st.integers(1, 4)), 0)
        last = self.one({name: kind for name, kind in inner.items() if name not in known}, KIND)
        bounds = f"%c0 to %c2 step %c1 iter_args(%{carried} = %{initial}) -> ({KIND})"
        self.lines.insert(head, f"%{result} = scf.for %i{result} = {bounds} {{")
        self.lines.append(f"scf.yield %{last} : {KIND}\n}}")

        def step(values: dict[str, Array]) -> None:
            current = values[initial]
            for _ in range(2):
                inside = {**values, carried: current}
                for inner_step in steps:
                    inner_step(inside)
                current = inside[last]
            values[result] = current

        return step


@settings(deadline=None, max_examples=150)
@given(st.data())
def test_a_random_program_keeps_its_values(data: st.DataObject):
    writer = Writer(data.draw)
    known = {"x": KIND, "y": PART}
    steps = writer.block(known, data.draw(st.integers(1, 10)), 1)
    names = [name for name in known if data.draw(st.booleans())] or list(known)[-1:]
    results = ", ".join(f"%{name}" for name in names)
    kinds = ", ".join(known[name] for name in names)
    code = printed(f"""
      func.func @f(%x: {KIND}, %y: {PART}) -> ({kinds}) {{
        %c0 = arith.constant 0 : index
        %c1 = arith.constant 1 : index
        %c2 = arith.constant 2 : index
        {chr(10).join(writer.lines)}
        func.return {results} : {kinds}
      }}""")
    x, y = np.arange(24, dtype=np.float32).reshape(4, 6), -np.arange(8, dtype=np.float32).reshape(4, 2)
    values = {"x": x, "y": y}
    for step in steps:
        step(values)
    for name, found in zip(names, code(x, y), strict=True):
        assert np.array_equal(found, values[name]), f"{name} in\n{code.source}"
