"""Generics without reduction: each element of the result from elements of the inputs."""

from __future__ import annotations

from rlxc.numpy_backend.arrays.body import Body
from rlxc.numpy_backend.arrays.dtypes import dtype
from rlxc.numpy_backend.arrays.structure import Structure
from rlxc.numpy_backend.scope import Scope
from rlxc.numpy_backend.text.expression import Code, call, tuple_of


def pointwise(scope: Scope, structure: Structure) -> Code:
    """The body as one expression, broadcast where it does not depend on all axes of the result."""
    body = Body(scope, structure)
    elements, order = body.elements(structure.root), structure.order
    if elements.axes == order and not elements.is_number:
        return elements.code
    shape = tuple_of([scope.size_code(body.size_of_loop(loop)) for loop in order])
    if elements.is_number:
        return call("np.full", shape, elements.code, dtype(structure.op, structure.root.type))
    return call("np.broadcast_to", body.spread(elements, order), shape)
