"""Operations that can be recognised after lowering."""

from __future__ import annotations

import re
from collections.abc import Iterator

from xdsl.dialects.builtin import ArrayAttr, FusedLoc, ModuleOp, NameLoc, StringAttr
from xdsl.ir import Attribute

from rlxc.dialects.rlx import LoadTime
from rlxc.dialects.rlx.places import source_place
from rlxc.inspect.pipeline_run import run_pipeline
from rlxc.inspect.pipeline_text import parse_pipeline
from rlxc.inspect.registry import make_context
from rlxc.passes.lowering.functions import entry_function
from rlxc.passes.lowering.to_linalg.emit import locate_by_text


class NumberedProgram:
    """A program at the rlx level without calls, each of whose operations has its number in its location."""

    def __init__(self, fused: ModuleOp):
        self.module = fused.clone()
        run_pipeline(make_context(), self.module, parse_pipeline("rlx-inline-calls"))
        self.function = entry_function(self.module)
        self.operations = [op for op in self.function.body.block.ops if op.results and not op.has_trait(LoadTime)]
        """Those that run in a call."""
        self.places = [source_place(op.location) for op in self.operations]
        self.texts: list[str] = []
        """The operations as they are printed, without types."""
        locate_by_text(self.function, self.operations)
        for number, op in enumerate(self.operations):
            assert isinstance(op.location, NameLoc)
            self.texts.append(op.location.desc.data)
            op.location = NameLoc(StringAttr(f"#{number}"), op.location.location)


def numbers_in(location: Attribute) -> Iterator[int]:
    """The numbers of the operations that a location, after lowering, names."""
    match location:
        case NameLoc() if number := re.fullmatch(r"#(\d+)", location.desc.data):
            yield int(number[1])
        case NameLoc():
            yield from numbers_in(location.location)
        case FusedLoc(locations=ArrayAttr() as children):
            for child in children:
                yield from numbers_in(child)
        case _:
            pass
