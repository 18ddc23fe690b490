"""The names of the attributes by which a function describes itself and its arguments, at all levels."""

from __future__ import annotations

from rlxc.dialects.rlx.attribute_names import SCOPE as SCOPE

NAME = "rlx.name"
"""The argument attribute that holds the name of an input, for callers."""

DIMS = "rlx.dims"
"""The argument attribute that names the dynamic dimensions of an input, in order."""

KEYS = "rlx.keys"
"""The argument attribute that marks a weight, and holds its keys."""

TABLE = "rlx.table"
"""The argument attribute that marks a rope table, and says which function it holds."""

TRANSPOSED = "rlx.transposed"
"""Marks a weight that is stored `[N, K]` while the argument is `[K, N]`."""

DIGEST = "rlx.digest"
"""The digest that the stored content of a weight must have."""

THETA = "rlx.theta"
"""The base of the frequencies of a rope table."""

ARENA = "rlx.arena"
"""Marks the memory that the caller gives for temporaries."""

PANELS = "rlx.panels"
"""Marks a weight that is packed into panels, and says how many columns each has."""

GATED = "rlx.gated"
"""Marks a packed weight that is `gate | up`, side by side: its panels hold one of each in turn."""

EXPERTS = "rlx.experts"
"""Marks a packed weight that holds those of several experts side by side, and says how many; each has own panels."""

NUM_THREADS = "rlx.num_threads"
"""Marks the input that says how many threads run the function together."""

THREAD = "rlx.thread"
"""Marks the argument that says which of the threads runs the function, from 0."""

BARRIER = "rlx.barrier"
"""Marks the memory by which the threads wait for each other, zero at first."""

DONATED = "rlx.donated"
"""Allows the function to overwrite an argument."""

HOLDS_RESULT = "rlx.holds_result"
"""Says which result, counted from 0, lies in the memory of a donated argument when the function returns."""

ELEMENT = "rlx.element"
"""What the bytes of an argument stand for, if not for numbers."""

KERNELS = "rlx.kernels"
"""The attribute of a function that names the kernel target of its kernels, panels and workspaces."""

PROFILE = "rlx.profile"
"""Marks the memory in which threads note the time."""

CHECKS = "rlx.checks"
"""The attribute of a prepare function that holds the message of each check, in order."""
