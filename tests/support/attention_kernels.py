"""Attention kernels, compiled for this machine, and their operands as parts of larger arrays."""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray
from xdsl.context import Context
from xdsl.dialects.builtin import DYNAMIC_INDEX, IndexType, ModuleOp, StringAttr, TensorType, UnitAttr, f32, i1
from xdsl.ir import Block

from rlxc.dialects.rlx import AttentionOp, MaskAttr
from rlxc.dialects.rlx.reference.attention import AttentionInputs, attention
from rlxc.native.abi import MemRef
from rlxc.native.toolchain import DefaultToolchain, Toolchain
from rlxc.passes.kernels.attention import AttentionSpec, attention_functions, attention_workspace
from rlxc.passes.kernels.barrier import barrier_functions
from rlxc.passes.kernels.expand_math import RlxExpandMathPass
from rlxc.passes.kernels.target import KernelTarget
from rlxc.passes.lowering.booleans_to_bytes import BooleansToBytesPass
from threaded_functions import run_together

Array = NDArray[Any]


@dataclass(frozen=True)
class Sizes:
    """The sizes of one call. `kv_length` counts the valid keys; `offset` is the position of the first query."""

    batch: int
    q_len: int
    kv_len: int
    kv_length: int
    offset: int


def attention_module(specs: Sequence[AttentionSpec], target: KernelTarget) -> ModuleOp:
    """The functions of several attentions, each name once; what is called from outside is public."""
    kernels = [attention_functions(spec, target) for spec in specs]
    functions = {function.sym_name.data: function for kernel in kernels for function in kernel}
    for entry, *_ in kernels:
        functions[entry.sym_name.data] = entry
        entry.sym_visibility = StringAttr("public")
        entry.attributes["llvm.emit_c_interface"] = UnitAttr()
    module = ModuleOp([*functions.values(), *barrier_functions()])
    for lowering in (RlxExpandMathPass(), BooleansToBytesPass()):
        lowering.apply(Context(), module)
    module.verify()
    return module


class CompiledAttentions:
    """The kernels of several attentions for one target."""

    def __init__(
        self,
        specs: Sequence[AttentionSpec],
        target: KernelTarget,
        optimization_level: int = 1,
        toolchain: Toolchain | None = None,
    ):
        self.target = target
        toolchain = toolchain or DefaultToolchain(optimization_level=optimization_level)
        object_code = toolchain.compile_object(toolchain.lower(str(attention_module(specs, target))))
        self._library = toolchain.load_library([object_code], [_symbol(spec) for spec in specs])

    def bind(self, spec: AttentionSpec, operands: Operands, y: Array, threads: int) -> list[Callable[[], None]]:
        """One call for each thread. The barrier may be used again when all have returned."""
        sizes, inputs = operands.sizes, operands.inputs
        size = attention_workspace(spec, self.target, sizes.batch, sizes.q_len, sizes.kv_len, threads)
        assert isinstance(size, int)
        arrays = [inputs.q, inputs.k, None if spec.shared_kv else inputs.v, inputs.cos, inputs.sin]
        arrays += [inputs.padding, inputs.bias, inputs.k_gain]
        given = [MemRef(array) for array in arrays if array is not None]
        memory = [MemRef(y), MemRef(np.full(size, np.nan, np.float32))]
        barrier = MemRef(np.zeros(16, np.int64))
        arguments = [*given, sizes.kv_length, sizes.offset, *memory]
        return [self._bind(spec, [*arguments, thread, threads, barrier]) for thread in range(threads)]

    def _bind(self, spec: AttentionSpec, arguments: Sequence[MemRef | int]) -> Callable[[], None]:
        kinds = [ctypes.c_void_p if isinstance(each, MemRef) else ctypes.c_int64 for each in arguments]
        function = self._library.function(_symbol(spec), None, *kinds)
        return lambda: function(*(each.pointer if isinstance(each, MemRef) else each for each in arguments))


class Operands:
    """Random operands of one call, and what has to come out."""

    def __init__(self, spec: AttentionSpec, sizes: Sizes, seed: int):
        self.spec, self.sizes, self.random = spec, sizes, np.random.default_rng(seed)
        batch, q_len, kv_len = sizes.batch, sizes.q_len, sizes.kv_len
        q, k, v = self._projections(q_len), self._projections(kv_len), self._projections(kv_len)
        k[:, sizes.kv_length :] = v[:, sizes.kv_length :] = np.nan
        tables = self._tables(max(kv_len, q_len + sizes.offset, 1)) if spec.n_rot else (None, None)
        self.inputs = AttentionInputs(
            q[..., 8 : 8 + spec.features],
            k[..., 3 : 3 + spec.kv_features],
            k[..., 3 : 3 + spec.kv_features] if spec.shared_kv else v[..., 5 : 5 + spec.kv_features],
            *tables,
            padding=self.random.random((batch, kv_len + 3))[:, 2:-1] < 0.8 if spec.padding else None,
            bias=self._bias() if spec.bias_heads else None,
            k_gain=self._normal(spec.head_dim) if spec.k_gain else None,
            kv_length=sizes.kv_length,
            query_offset=sizes.offset,
        )

    def expected(self) -> Array:
        """The result in float64."""
        wide = {field.name: _in_float64(getattr(self.inputs, field.name)) for field in fields(self.inputs)}
        for name in ("k", "v"):
            wide[name][:, self.sizes.kv_length :] = 0
        if self.sizes.offset < 0:
            assert self.sizes.offset == self.sizes.kv_length - self.sizes.q_len
            wide["query_offset"] = None
        return attention(operation(self.spec, self.sizes), AttentionInputs(**wide))

    def _projections(self, rows: int) -> Array:
        width = max(self.spec.features, self.spec.kv_features) + 16
        return self._normal(self.sizes.batch, rows + 2, width)[:, 1:-1]

    def _tables(self, positions: int) -> tuple[Array, Array]:
        assert self.spec.n_rot is not None
        angles = self.random.uniform(-3, 3, (positions, self.spec.n_rot // 2))
        return np.cos(angles).astype(np.float32), np.sin(angles).astype(np.float32)

    def _bias(self) -> Array:
        shape = (self.sizes.batch, self.spec.bias_heads, self.sizes.q_len + 1, self.sizes.kv_len + 2)
        return self._normal(*shape)[:, :, :-1, 1:-1]

    def _normal(self, *shape: int) -> Array:
        return self.random.standard_normal(shape, dtype=np.float32)


def run(kernels: CompiledAttentions, spec: AttentionSpec, operands: Operands, threads: int) -> Array:
    """What the kernel computes; asserts that nothing around it is written."""
    batch, q_len, _ = operands.inputs.q.shape
    around = np.full((batch, q_len + 2, spec.features + 24), -77, np.float32)
    y = around[:, 1:-1, 16:-8]
    y[...] = np.nan
    run_together(kernels.bind(spec, operands, y, threads))
    result = y.copy()
    y[...] = -77
    assert (around == -77).all()
    return result


def assert_close(found: Array, expected: Array, what: str = "") -> None:
    """Within 2e-6 of the largest element; never NaN."""
    assert np.isfinite(found).all(), what
    np.testing.assert_allclose(
        found, expected, rtol=0, atol=2e-6 * np.max(np.abs(expected), initial=1e-30), err_msg=what
    )


def operation(spec: AttentionSpec, sizes: Sizes) -> AttentionOp:
    """The operation that a kernel computes."""
    some = DYNAMIC_INDEX
    shapes = [(some, some, spec.features), (some, some, spec.kv_features), *[(some, (spec.n_rot or 0) // 2)] * 2]
    shapes += [(some, spec.bias_heads, some, some), (spec.head_dim,)]
    types = [*(TensorType(f32, shape) for shape in shapes), TensorType(i1, [some, some]), IndexType()]
    q, k, cos, sin, bias, gain, padding, number = Block(arg_types=types).args
    op = AttentionOp(
        q,
        k,
        k,
        num_heads=spec.num_heads,
        num_kv_heads=spec.num_kv_heads,
        head_dim=spec.head_dim,
        mask=MaskAttr(spec.mask, spec.window or 0),
        scale=spec.scale,
        softcap=spec.softcap,
        rope=(cos, sin) if spec.n_rot else None,
        n_rot=spec.n_rot,
        rope_style=spec.rope_style if spec.n_rot else None,
        padding=padding if spec.padding else None,
        bias=bias if spec.bias_heads else None,
        k_gain=gain if spec.k_gain else None,
        kv_length=number,
        query_offset=number if sizes.offset >= 0 else None,
    )
    op.verify()
    return op


def _in_float64(value: Array | int | None) -> Any:
    return value.astype(np.float64) if isinstance(value, np.ndarray) and value.dtype == np.float32 else value


def _symbol(spec: AttentionSpec) -> str:
    return f"_mlir_ciface_{spec.name}"
