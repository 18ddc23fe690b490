"""Sums of products: `@` on views where BLAS can do it, `np.einsum` for the rest.

Of the loops of `c = sum a * b`, some index both inputs and the result (batch), some one input and
the result, one both inputs alone (the sum). The largest of the loops of each input become the rows
and columns of a matrix product; the others are batch axes, of size 1 in the input that lacks them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from string import ascii_lowercase

from xdsl.dialects.builtin import DYNAMIC_INDEX

from rlxc.numpy_backend.arrays.alignment import abbreviated, transposed
from rlxc.numpy_backend.arrays.reduction import initial_number
from rlxc.numpy_backend.arrays.structure import Operand, Structure
from rlxc.numpy_backend.arrays.views import shape_of
from rlxc.numpy_backend.errors import unsupported
from rlxc.numpy_backend.scope import Scope
from rlxc.numpy_backend.text.expression import Code, call, infix, string, subscript


@dataclass(frozen=True)
class MatrixProduct:
    """`left @ right`: matrices of `row` by `inner` and of `inner` by `column`, for each index of `batch`."""

    left: Operand
    right: Operand
    batch: tuple[int, ...]
    row: int
    inner: int
    column: int

    @staticmethod
    def of(structure: Structure) -> MatrixProduct | None:
        """The matrix product that a contraction is, or None."""
        if len(structure.reductions) != 1:
            return None
        result, (inner,) = structure.output.loops, structure.reductions
        left, right = structure.inputs
        if result and result[-1] not in right.axes:
            left, right = right, left
        rows = [loop for loop in result if loop in left.axes and loop not in right.axes]
        columns = [loop for loop in result if loop in right.axes and loop not in left.axes]
        if not rows or not columns or any(inner not in operand.axes for operand in (left, right)):
            return None
        row, column = _largest(rows, left), _largest(columns, right)
        batch = tuple(loop for loop in result if loop not in (row, column))
        found = MatrixProduct(left, right, batch, row, inner, column)
        return found if found.suits_blas else None

    @property
    def suits_blas(self) -> bool:
        """Whether the innermost axis of each input is one of the matrix, as BLAS asks for."""
        return self.left.axes[-1] in (self.row, self.inner) and self.right.axes[-1] in (self.inner, self.column)

    @property
    def is_plain(self) -> bool:
        """Whether both inputs can stand as they are."""
        sides = ((self.left, (self.row, self.inner)), (self.right, (self.inner, self.column)))
        return all(operand.axes == self._wanted(operand, matrix) for operand, matrix in sides) and not any(
            self._lacking(operand) for operand, _ in sides
        )

    def code(self, scope: Scope) -> Code:
        """The product, its axes in the order batch, row, column."""
        left = self._stacked(scope, self.left, (self.row, self.inner))
        return infix(left, "@", self._stacked(scope, self.right, (self.inner, self.column)))

    def _stacked(self, scope: Scope, operand: Operand, matrix: tuple[int, int]) -> Code:
        """The input as a stack of matrices, with axes of size 1 for the batch loops that it lacks."""
        code, axes = without_unit_axes(scope.code(operand.value), operand)
        wanted = self._wanted(operand, matrix)
        code = transposed(code, [axes.index(loop) for loop in wanted])
        lacking = self._lacking(operand)
        if not lacking:
            return code
        first = next(n for n, loop in enumerate(self.batch) if loop in operand.axes)
        items = ["None" if loop in lacking else ":" for loop in self.batch[first:]]
        return subscript(code, abbreviated([*items, ":", ":"]))

    def _wanted(self, operand: Operand, matrix: tuple[int, int]) -> tuple[int, ...]:
        return (*(loop for loop in self.batch if loop in operand.axes), *matrix)

    def _lacking(self, operand: Operand) -> tuple[int, ...]:
        """The batch loops that the input lacks, but for leading ones: broadcasting adds these."""
        first = next((n for n, loop in enumerate(self.batch) if loop in operand.axes), len(self.batch))
        return tuple(loop for loop in self.batch[first:] if loop not in operand.axes)


def contraction(scope: Scope, structure: Structure) -> Code:
    """The sum of products, as a matrix product if it is one."""
    if initial_number(structure.output.value) != 0:
        unsupported(structure.op, "it does not start from zeros")
    product = MatrixProduct.of(structure)
    if product is None:
        return _einsum(scope, structure)
    axes = (*product.batch, product.row, product.column)
    return transposed(product.code(scope), [axes.index(loop) for loop in structure.output.loops])


def is_plain_product(structure: Structure) -> bool:
    """Whether the contraction is `a @ b` of its inputs as they are."""
    product = MatrixProduct.of(structure)
    if product is None or not product.is_plain:
        return False
    return structure.output.loops == (*product.batch, product.row, product.column)


def without_unit_axes(code: Code, operand: Operand) -> tuple[Code, tuple[int, ...]]:
    """The input without the axes that no loop indexes."""
    if None not in operand.axes:
        return code, operand.loops
    return subscript(code, abbreviated(["0" if loop is None else ":" for loop in operand.axes])), operand.loops


def _largest(loops: Sequence[int], operand: Operand) -> int:
    """The loop with most iterations, as far as the shape of the operand tells; of equals the last one."""
    shape = shape_of(operand.value)
    sizes = {loop: shape[operand.axes.index(loop)] for loop in loops}
    return max(loops, key=lambda loop: (sizes[loop] == DYNAMIC_INDEX, sizes[loop], loops.index(loop)))


def _einsum(scope: Scope, structure: Structure) -> Code:
    inputs = [without_unit_axes(scope.code(operand.value), operand) for operand in structure.inputs]
    left = ",".join(_letters(loops) for _, loops in inputs)
    return call("np.einsum", string(f"{left}->{_letters(structure.output.loops)}"), *(code for code, _ in inputs))


def _letters(loops: Sequence[int]) -> str:
    return "".join(ascii_lowercase[loop] for loop in loops)
