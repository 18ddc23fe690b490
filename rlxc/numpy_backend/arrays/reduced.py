"""A reduction as an expression that can still change its form: a sum into a mean, with or without its axes."""

from __future__ import annotations

from dataclasses import dataclass

from rlxc.numpy_backend.text.expression import Code, call


@dataclass(frozen=True)
class Reduced(Code):
    """`function(x, axis=-1)`."""

    function: str = ""
    x: Code | None = None
    axis: str | None = None
    initial: Code | None = None
    count: int | None = None
    """How many elements each result is made from, if that is known."""

    @staticmethod
    def of(function: str, x: Code, axis: str | None, initial: Code | None, count: int | None) -> Reduced:
        """The call, and what it was made from."""
        keywords = {"axis": axis, "initial": initial}
        given = {name: value for name, value in keywords.items() if value is not None}
        text = call(function, x, **given).text
        return Reduced(text, function=function, x=x, axis=axis, initial=initial, count=count)

    def over(self, divisor: float | None) -> Reduced | None:
        """The mean, if this is a sum and `divisor` the number of its terms."""
        if self.function != "np.sum" or self.initial is not None or divisor != self.count or self.x is None:
            return None
        return Reduced.of("np.mean", self.x, self.axis, None, self.count)

    @property
    def with_last_axis(self) -> Code | None:
        """The same numbers with the last axis kept at size 1, if that is the reduced one."""
        return None if self.axis != "-1" else Code(f"{self.text[:-1]}, keepdims=True)")
