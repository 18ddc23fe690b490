"""The parameters of a native function: rope tables are computed, weights loaded, and packed where it wants them so."""

from __future__ import annotations

import math
from collections.abc import Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from threading import Lock

import numpy as np

from rlxc.dialects.rope_tables import rope_table
from rlxc.native.huge_pages import Room
from rlxc.native.pack_cache import default_pack_cache
from rlxc.native.packing import Copy, as_panels, packed_shape, panel_copies
from rlxc.native.signature import Panels, Parameter, RopeTable, Weight
from rlxc.runtime.arguments import DTYPES, Array
from rlxc.runtime.kept_panels import KeptPanels
from rlxc.runtime.parameters import LoadedParams
from rlxc.runtime.progress import Progress
from rlxc.runtime.shared_weights import SharedWeights
from rlxc.weights.bfloat16 import copy_floats
from rlxc.weights.encoded import EncodedMatrix
from rlxc.weights.source import Stored

RELEASED_BYTES = 8 * 2**20
"""After so many bytes, pages of a mapped file are released that have been packed."""


def parameter_values(
    parameters: Sequence[Parameter], params: LoadedParams, num_threads: int, shared: SharedWeights | None = None
) -> list[Array]:
    """The arrays of the parameters in order, which those of other programs with the same `shared` weights are too.

    What is packed is packed by `num_threads` threads, one weight after the other, straight from the mapped file where
    there is one: it is converted in small blocks, and what has been read is released. What takes long to decode is
    kept on disk, and comes from there the next time. Equal ones share their memory.
    """
    shared = shared or SharedWeights()
    shared.begun.set()
    with shared.loading:
        missing = {key: one for one in parameters if (key := identity(one)) and key not in shared.packed}
        room = Room(map(array_bytes, missing.values()), "packed weights")
        total = sum(packed_bytes(one, params) for one in missing.values())
        with ThreadPoolExecutor(num_threads) as threads, Progress("packing weights", total) as progress:
            room.populate(threads)
            packer = Packer(params, threads, KeptPanels(default_pack_cache(), threads), shared.packed, room)
            return [parameter_value(one, params, packer, progress) for one in parameters]


def identity(parameter: Parameter) -> tuple[Weight, Panels] | None:
    """What packed parameters are known by: with equal ones they share their memory; None for others."""
    match parameter.origin, parameter.panels:
        case Weight() as weight, Panels() as panels:
            return weight, panels
        case _:
            return None


def array_bytes(parameter: Parameter) -> int:
    """The bytes of a packed parameter."""
    return math.prod(int(size) for size in parameter.type.shape) * DTYPES[parameter.type.element].itemsize


def parameter_value(parameter: Parameter, params: LoadedParams, packer: Packer, progress: Progress) -> Array:
    """The array of one parameter."""
    match parameter.origin, parameter.panels:
        case RopeTable(function, theta), _:
            positions, pairs = (int(size) for size in parameter.type.shape)
            values = rope_table(function, theta, positions, pairs)
            return np.ascontiguousarray(values, DTYPES[parameter.type.element])
        case Weight(keys, transposed), None:
            return params.value(keys, transposed)
        case Weight() as weight, panels:
            return packer.packed(weight, panels, progress)


def packed_bytes(parameter: Parameter, params: LoadedParams) -> int:
    """The bytes that have to be copied to pack a parameter: those of the weight, without what fills up panels."""
    if not isinstance(weight := parameter.origin, Weight) or parameter.panels is None:
        return 0
    spec = params.spec(weight.keys, weight.transposed)
    return math.prod(spec.shape) * spec.dtype.itemsize


class Packer:
    """Packs weights with several threads; NumPy lets them copy at the same time."""

    def __init__(
        self,
        params: LoadedParams,
        threads: Executor,
        kept: KeptPanels,
        packed: dict[tuple[Weight, Panels], Array],
        room: Room,
    ):
        self._params, self._threads, self._kept = params, threads, kept
        self._packed = packed
        self._room = room

    def packed(self, weight: Weight, panels: Panels, progress: Progress) -> Array:
        """The panels of a weight."""
        if (weight, panels) not in self._packed:
            self._packed[weight, panels] = self._pack(weight, panels, progress)
        return self._packed[weight, panels]

    def _pack(self, weight: Weight, panels: Panels, progress: Progress) -> Array:
        spec = self._params.spec(weight.keys, weight.transposed)
        matrices = self._params.matrices(weight.keys, weight.transposed)
        rows, columns = spec.shape
        packed = self._room.take(packed_shape((rows, columns), panels), spec.dtype)
        key = self._kept.key(matrices, panels, packed)
        if key is not None and self._kept.fill(key, packed):
            progress.advance(rows * columns * spec.dtype.itemsize)
        else:
            self._copy(weight, matrices, panels, packed, progress)
            if key is not None:
                self._kept.keep(key, packed)
        self._params.release(weight.keys)
        return packed

    def _copy(
        self, weight: Weight, matrices: Sequence[Stored], panels: Panels, packed: Array, progress: Progress
    ) -> None:
        """Fill the panels."""
        released = Released(self._params, weight.keys, progress)
        for _ in self._threads.map(released.after, panel_copies(matrices, panels, packed)):
            pass


class Released:
    """Copies of a weight, whose pages are released by the threads that make them: none can run ahead of it."""

    def __init__(self, params: LoadedParams, keys: tuple[str, ...], progress: Progress):
        self._params, self._keys, self._progress = params, keys, progress
        self._held, self._lock = 0, Lock()

    def after(self, copy: Copy) -> None:
        """Do one copy, and release what has been read if that is much."""
        size = copied(copy)
        with self._lock:
            self._progress.advance(size)
            self._held += size
            if self._held >= RELEASED_BYTES:
                self._params.release(self._keys)
                self._held = 0


def copied(copy: Copy) -> int:
    """Do one copy; the bytes of it."""
    target, source = copy
    if isinstance(source, EncodedMatrix) and source.transposed and target.ndim == 3:
        decode_to_panels(source, target)
    else:
        columns = source.values() if isinstance(source, EncodedMatrix) else source
        copy_floats(target, as_panels(columns, target.shape))
    return target.nbytes


def decode_to_panels(source: EncodedMatrix, panels: Array) -> None:
    """Fill whole panels with a transposed matrix: as many encoded rows go into a panel as it has lanes."""
    lanes = panels.shape[-1]
    by_lanes = panels.transpose(0, 2, 1)
    for part, rows in source.decoded_rows(lanes):
        first = part.start // lanes
        by_lanes[first : first + len(rows) // lanes] = rows.reshape(-1, lanes, source.row_length)
