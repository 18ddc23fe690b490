"""`rlxc compile`: fuse a program and write it at any level, down to NumPy code or a native library."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

EPILOG = """\
INPUT is MLIR at the rlx level, a Python file that defines `flow`, a .flow file, or a model: a Hugging Face directory
or a .gguf file. Without --emit the extension of OUT decides (.mlir: fused, .py: numpy, .ll: ll, .o: obj, .so: so), or
else --target; without any of them it is the fused program. Without OUT it goes to the standard output, and a summary
to the standard error. The form ll is LLVM IR; llvm is MLIR in the LLVM dialect, unless OUT ends in .ll. Beside an
object or a library there is its C header (.h), beside a library its manifest (.json).
"""

FORMS = ("rlx", "fused", "linalg", "affine", "kernels", "numpy", "llvm", "ll", "obj", "so")


def add_arguments(parser: ArgumentParser) -> None:
    """Declare the arguments."""
    parser.epilog = EPILOG
    parser.add_argument("input", metavar="INPUT", help="program or model; '-': MLIR from the standard input")
    parser.add_argument("-o", "--output", metavar="OUT", help="where the result goes; '-': standard output")
    parser.add_argument("--emit", choices=FORMS, help="the form of the result")
    parser.add_argument(
        "--target", choices=("numpy", "native"), help="what the result is for; by default it is NumPy code or an object"
    )
    parser.add_argument("-p", "--passes", metavar="PIPELINE", default="fuse", help="what fuses (default: fuse)")
    parser.add_argument(
        "--weights", metavar="FILE", help=".safetensors, .npz or .gguf, checked against the program; or random:SEED"
    )
    parser.add_argument("--config", metavar="FILE", help="JSON file with the numbers of a .flow file")
    group = parser.add_argument_group("tracing")
    group.add_argument("--dump-dir", metavar="DIR", help="write a file for each pass that changed the program")
    group.add_argument("--print-ir-after-change", action="store_true", help="print it after each such pass")
    group.add_argument("--remarks", action="store_true", help="print what the passes fused and missed, and why")


def run(args: Namespace) -> int:
    """Run the subcommand; the exit code. Raises RlxcError."""
    from rlxc.cli.compile_session import run_session

    return run_session(args)
