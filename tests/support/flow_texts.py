"""Texts of flows for hypothesis: every statement and expression, with blanks and comments at every place."""

from __future__ import annotations

import random
import re

from hypothesis import strategies as st

NAMES = st.sampled_from(["x", "cfg", "width", "sliding", "q_key"])
STRINGS = st.sampled_from(['"w"', '"layers.{i}.weight"', '"' + "long" * 15 + '"'])
NUMBERS = st.sampled_from(["0", "12", "1.5", "1e-05"])
BINARY = st.sampled_from(["+", "-", "*", "/", "//", "%", "??", "and", "or"])
COMPARISONS = st.sampled_from(["==", "!=", "<", "<=", ">", ">="])
BLANKS = (" ", " ", " ", "\n", "\n\n\n", " # a comment\n", "\n  # two {\n\n # three\n", "  \t")


def expressions() -> st.SearchStrategy[str]:
    """Expressions, with one blank between any two words."""
    return st.recursive(
        st.one_of(NAMES, STRINGS, NUMBERS, st.sampled_from(["true", "none"])),
        lambda inner: st.one_of(
            st.builds("( {} {} {} )".format, inner, BINARY, inner),
            st.builds("( {} {} {} )".format, inner, COMPARISONS, inner),
            st.builds("( not {} )".format, inner),
            st.builds("- {}".format, NUMBERS),
            st.builds("cfg . layer [ {} ] . width".format, inner),
            st.builds("( if {} then {} else {} )".format, inner, inner, inner),
            st.builds("sliding ( {} )".format, arguments(inner)),
        ),
        max_leaves=6,
    )


def arguments(values: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Arguments, with a comma at the end or without."""
    one = st.one_of(values, st.builds("{} = {}".format, NAMES, values))
    listed = st.lists(one, min_size=1, max_size=4).map(" , ".join)
    return st.builds("{}{}".format, listed, commas())


def commas() -> st.SearchStrategy[str]:
    """A last comma, or none."""
    return st.sampled_from(["", " ,"])


def statements() -> st.SearchStrategy[str]:
    """Statements, with blocks in blocks."""
    values = expressions()
    shape = st.builds("[ {} {} ]".format, st.lists(values, min_size=1, max_size=3).map(" , ".join), commas())
    leaves = st.one_of(
        st.builds("let {} = {}".format, NAMES, values),
        st.builds("input {} {} : i64".format, st.one_of(NAMES, STRINGS), shape),
        st.builds("state {} {}".format, STRINGS, shape),
        st.builds("weight {} {}".format, STRINGS, shape),
        st.builds("rms_norm ( {} )".format, arguments(values)),
        st.just("softcap ( )"),
    )
    return st.recursive(leaves, lambda inner: blocks(inner, values), max_leaves=6)


def blocks(inner: st.SearchStrategy[str], values: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Statements that hold others."""
    block = st.lists(inner, max_size=3).map(lambda listed: f"{{ {' '.join(listed)} }}")
    return st.one_of(
        st.builds("residual {}".format, block),
        st.builds("repeat {} as i {}".format, values, block),
        st.builds("when {} {}".format, values, block),
        st.builds("when {} {} else when {} {} else {}".format, values, block, values, block, block),
        st.builds("layer {} ( {} ) {}".format, STRINGS, arguments(values), block),
    )


def flow_texts() -> st.SearchStrategy[str]:
    """Whole texts, with all kinds of blanks and comments between words."""
    body = st.lists(statements(), max_size=4).map(" ".join)
    return st.builds(spread, st.builds("model m ( cfg ) {{ {} }}".format, body), st.integers(0, 2**16))


def spread(text: str, seed: int) -> str:
    """The text with other blanks between its words."""
    chosen = random.Random(seed)
    return re.sub(" +", lambda _: chosen.choice(BLANKS), text)
