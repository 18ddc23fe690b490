"""A `linalg.generic` as one expression."""

from __future__ import annotations

from rlxc.numpy_backend.arrays.contraction import contraction
from rlxc.numpy_backend.arrays.pointwise import pointwise
from rlxc.numpy_backend.arrays.reduction import reduction
from rlxc.numpy_backend.arrays.structure import Structure
from rlxc.numpy_backend.scope import Scope
from rlxc.numpy_backend.text.expression import Code


def generic(scope: Scope, structure: Structure) -> Code:
    """A matrix product, a reduction or an expression on whole arrays, whichever it is."""
    if structure.is_contraction:
        return contraction(scope, structure)
    return reduction(scope, structure) if structure.reductions else pointwise(scope, structure)
