"""xDSL's lexer, with a time bound on every input."""

from __future__ import annotations

import re

from xdsl.utils.mlir_lexer import MLIRLexer


class LinearLexer(MLIRLexer):
    """Reads a string literal in time linear in its length.

    The expression of the base class nests one repetition in another, so that a string without
    its closing quote takes time exponential in its length. This one accepts the same strings.
    """

    _unescaped_characters_regex = re.compile(r'"(?:[^"\\\n\v\f]|\\(?:["nt\\]|[0-9A-Fa-f]{2}))*"')
