"""One run of `rlxc run`."""

from __future__ import annotations

import sys
import time
from argparse import Namespace
from collections.abc import Callable
from contextlib import redirect_stdout
from io import BytesIO
from pathlib import Path
from typing import TypeAlias

import numpy as np

from rlxc.cli.inputs import read_inputs
from rlxc.cli.run_profile import show_profile
from rlxc.diagnostics.errors import RlxcError
from rlxc.diagnostics.output import write_atomically
from rlxc.runtime.arguments import Array, Value
from rlxc.runtime.compiled import CompiledFunction

TOLERANCES = {np.dtype(np.float32): 1e-5, np.dtype(np.float64): 1e-12}
"""The greatest error that `--check` accepts, as a share of the largest number of the reference."""

Reference: TypeAlias = Callable[[], CompiledFunction]
"""Makes the reference, in float64."""


def run_session(args: Namespace) -> int:
    """Run `rlxc run` with the arguments `args`; the exit code: 1 if `--check` finds too great an error."""
    function, reference = made_from(args)
    if args.save is not None and not function.signature.results:
        raise RlxcError("the program has no result to save", hint="leave --save out")
    inputs = read_inputs(function.signature, args.inputs)
    # A profile as JSON has the standard output for itself.
    with redirect_stdout(sys.stderr if args.profile == "json" else sys.stdout):
        code = run_once(function, reference, inputs, args)
    show_profile(function, inputs, args)
    return code


def made_from(args: Namespace) -> tuple[CompiledFunction, Reference]:
    """The function that the arguments ask for, and what makes the function that it is checked against."""
    if Path(args.input).suffix == ".so":
        from rlxc.cli.run_library import loaded

        return loaded(args)
    from rlxc.cli.run_program import compiled

    return compiled(args)


def run_once(function: CompiledFunction, reference: Reference, inputs: dict[str, Value], args: Namespace) -> int:
    """Run the function, print what it gives and save it, and check it if that is asked for; the exit code."""
    # The function may write into what it is given; the check and the profile take the inputs as they were.
    given = {name: value.copy() if isinstance(value, np.ndarray) else value for name, value in inputs.items()}
    start = time.perf_counter()
    results = as_tuple(function(**given))
    seconds = time.perf_counter() - start
    for number, result in enumerate(results):
        print(f"result {number}: {description(result)}")
    print(f"{function.target}: {seconds * 1e3:.2f} ms")
    if args.save is not None:
        write_atomically(args.save, npy_bytes(results[0]))
    if not args.check:
        return 0
    return check(results, as_tuple(reference()(**inputs)))


def check(results: tuple[Array, ...], expected: tuple[Array, ...]) -> int:
    """Print how far each result is from the reference; 1 if it is too far, or if there is no number to compare."""
    code = 0
    for number, (result, wanted) in enumerate(zip(results, expected, strict=True)):
        if wanted.size and np.isnan(wanted).all():
            print(f"check {number}: the reference is all NaN, which says nothing: look for NaN in inputs and weights")
            code = 1
            continue
        error, limit = relative_error(result, wanted), TOLERANCES.get(result.dtype, 0.0)
        verdict = "ok" if error <= limit else "TOO LARGE"
        print(f"check {number}: max error {error:.2e} of max |reference|, limit {limit:.0e}: {verdict}")
        code = code if error <= limit else 1
    return code


def relative_error(result: Array, expected: Array) -> float:
    """`max |result - expected| / max |expected|`; infinite where shapes differ or NaN is on one side only."""
    if result.shape != expected.shape or not np.array_equal(np.isnan(result), np.isnan(expected)):
        return np.inf
    if not expected.size:
        return 0.0
    largest = float(np.nanmax(np.abs(expected), initial=0.0)) or 1.0
    return float(np.nanmax(np.abs(result - expected), initial=0.0)) / largest


def as_tuple(results: Array | tuple[Array, ...]) -> tuple[Array, ...]:
    """The results of a function with one result or several."""
    return results if isinstance(results, tuple) else (results,)


def description(array: Array) -> str:
    """Type, shape and range of an array."""
    shape = "x".join(map(str, array.shape))
    if not array.size:
        return f"{array.dtype} {shape}, empty"
    missing = int(np.count_nonzero(np.isnan(array)))
    if missing:
        return f"{array.dtype} {shape}, {missing} of {array.size} are NaN"
    return f"{array.dtype} {shape}, min {array.min():.6g}, max {array.max():.6g}, mean {array.mean():.6g}"


def npy_bytes(array: Array) -> bytes:
    """The content of a `.npy` file."""
    stream = BytesIO()
    np.save(stream, array, allow_pickle=False)
    return stream.getvalue()
