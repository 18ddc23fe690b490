"""One run of `rlxc embed`."""

from __future__ import annotations

from argparse import Namespace
from typing import Any

from numpy.typing import NDArray

from rlxc.cli.run_session import npy_bytes
from rlxc.cli.streams import write_result
from rlxc.diagnostics.errors import RlxcError, UsageError
from rlxc.diagnostics.input import read_text
from rlxc.runtime.generation import load_model


def run_session(args: Namespace) -> int:
    """Run `rlxc embed` with the arguments `args`; the exit code."""
    if args.output is not None and not args.output.endswith(".npy"):
        raise UsageError(f"cannot write '{args.output}': the name must end in .npy")
    if "-" in args.texts and len(args.texts) > 1:
        raise UsageError("'-' stands among other texts", hint="give texts, or '-' alone to read them from the input")
    texts = read_text("-")[0].splitlines() if args.texts == ["-"] else args.texts
    if not texts:
        raise RlxcError("there are no texts", hint="give one text a line")
    model = load_model(args.model, args.target, threads=args.threads, max_context=args.max_context)
    vectors = model.embed_texts(texts, args.pooling, args.normalize, prompt=args.prompt, truncate=args.truncate)
    write_result(json_text(vectors) if args.output is None else npy_bytes(vectors), args.output)
    return 0


def json_text(vectors: NDArray[Any]) -> str:
    """A list of lists, one a line, of the shortest numbers that are the same in float32."""
    rows = (f"[{', '.join(str(number) for number in row)}]" for row in vectors)
    return "[" + ",\n ".join(rows) + "]\n"
