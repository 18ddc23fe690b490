"""Random weights for programs whose numbers do not matter: timing, comparing targets, a first try."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from zlib import crc32

import numpy as np

from rlxc.diagnostics import RlxcError
from rlxc.dialects.rlx import AddRmsNormOp, AttentionOp, EmbedOp, LayerNormOp, ParamOp, RmsNormOp
from rlxc.weights.open import PREFIX
from rlxc.weights.program_specs import spec_of
from rlxc.weights.source import Array, require_key
from rlxc.weights.spec import ParamSpec

MOST_ELEMENTS = 2**31
"""The largest random tensor that is made."""

SPREAD = 0.1
"""The standard deviation of gains, biases and tables."""


@dataclass(frozen=True)
class Distribution:
    """The normal distribution that the elements of one stored tensor are drawn from."""

    shape: tuple[int, ...]
    dtype: np.dtype[np.floating]
    mean: float
    deviation: float


class RandomWeights:
    """Random tensors for parameters: matrices that keep the scale of what they multiply, gains about 1, biases about 0.

    A tensor depends on the seed, its key and its shape alone. The keys of a parameter that joins several
    share its size equally, since the program does not say how large each is.
    """

    def __init__(self, parameters: Iterable[ParamOp], seed: int):
        self.seed = seed
        self._tensors = {key: one for op in parameters for key, one in distributions(op)}

    def __str__(self) -> str:
        return f"{PREFIX}{self.seed}"

    def keys(self) -> Collection[str]:
        """See `WeightSource`."""
        return self._tensors.keys()

    def shape(self, key: str) -> tuple[int, ...]:
        """See `WeightSource`."""
        require_key(self, key)
        return self._tensors[key].shape

    def get(self, key: str) -> Array:
        """See `WeightSource`."""
        require_key(self, key)
        one = self._tensors[key]
        if math.prod(one.shape) > MOST_ELEMENTS:
            raise RlxcError(f"a random weight '{key}' of shape {list(one.shape)} is too large")
        generator = np.random.default_rng((self.seed, crc32(key.encode())))
        values = generator.standard_normal(one.shape, np.float32)
        return (one.mean + one.deviation * values).astype(one.dtype)


def distributions(op: ParamOp) -> Iterator[tuple[str, Distribution]]:
    """The key and the distribution of each tensor that a parameter is made of."""
    spec = spec_of(op)
    mean, deviation = moments(op, spec)
    axis, count = spec.stored_axis, len(spec.keys)
    for number, key in enumerate(spec.keys):
        shape = list(spec.stored_shape)
        shape[axis] = shape[axis] * (number + 1) // count - shape[axis] * number // count
        yield key, Distribution(tuple(shape), spec.dtype, mean, deviation)


def moments(op: ParamOp, spec: ParamSpec) -> tuple[float, float]:
    """Mean and standard deviation, from how the parameter is used."""
    users = [use.operation for use in op.result.uses]
    if spec.table:
        # About 45 degrees: a rotation that keeps the scale.
        return math.sqrt(0.5), SPREAD
    if any(isinstance(user, EmbedOp) for user in users):
        return 0.0, 1.0
    if len(spec.shape) > 1:
        return 0.0, 1 / math.sqrt(max(spec.shape[0], 1))
    for user in users:
        if isinstance(user, RmsNormOp | AddRmsNormOp) and user.gamma is op.result:
            return 1.0 - user.offset.value.data, SPREAD
        if isinstance(user, LayerNormOp) and user.gamma is op.result:
            return 1.0, SPREAD
        if isinstance(user, AttentionOp) and user.k_gain is op.result:
            return 1.0, SPREAD
    return 0.0, SPREAD
