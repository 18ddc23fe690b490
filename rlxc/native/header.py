"""The C header of a shared library or object: plain C99, calls with pointers and sizes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rlxc.diagnostics import RlxcError
from rlxc.native.c_interface import CInterface, Variable, c_interface
from rlxc.native.c_text import comment, is_identifier, string
from rlxc.native.parameter_text import parameter_text
from rlxc.native.signature import ARENA_ALIGNMENT, BARRIER_WORDS, Parameter, Signature

CONVENTIONS = """Arrays are contiguous, in row-major order: element [i][j] of an [M][N] array is a[i * N + j].
Sizes count elements. A bool is one byte, 0 or 1. Pointers to const are not written to, and
there is no state: threads may call at the same time. Link with the library and with -lm."""

LINE_LENGTH = 100

NO_MEMORY = -1
"""The status that says that there is no memory for the arena."""


def emit_header(signature: Signature) -> str:
    """A header with `name_params`, `name_prepare`, `name_run` and `name_message`.

    The first lists the weights and rope tables, with the checkpoint key or formula of each.
    The functions are inline: they build the descriptors that the exported functions take.
    """
    if not is_identifier(signature.name):
        raise RlxcError(f"a C header needs a function name that is a C identifier, got '{signature.name}'")
    return "\n".join(header_lines(signature, c_interface(signature)))


def header_lines(signature: Signature, interface: CInterface) -> Iterable[str]:
    """The lines of the header."""
    name = signature.name
    guard = f"RLXC_{name.upper()}_H"
    yield comment(f"{name}: a function compiled by rlxc.\n\n{CONVENTIONS}")
    yield from (
        f"#ifndef {guard}",
        f"#define {guard}",
        "",
        "#include <stdbool.h>",
        "#include <stdint.h>",
        "#include <stdlib.h>",
        "",
    )
    yield from ("#ifdef __cplusplus", 'extern "C" {', "#endif", "")
    yield from descriptor_structs(interface)
    yield from exported_functions(signature, interface)
    yield from params_struct(name, signature.parameters, interface.parameters)
    yield from message_function(name, signature.checks)
    yield from prepare_function(signature, interface)
    yield from run_function(signature, interface)
    yield from ("#ifdef __cplusplus", "}", "#endif", "", "#endif", "")


def descriptor_structs(interface: CInterface) -> Iterable[str]:
    """The descriptor structs of the ranks in use; several headers may define the same."""
    yield comment("MLIR's memref descriptors: where the first element is, the sizes, and the strides in elements.")
    for rank in sorted({len(one.sizes) for one in interface.arrays}):
        axes = f" int64_t sizes[{rank}]; int64_t strides[{rank}];" if rank else ""
        yield f"#ifndef RLXC_MEMREF_{rank}"
        yield f"#define RLXC_MEMREF_{rank}"
        yield f"struct rlxc_memref_{rank} {{ const void *allocated; const void *aligned; int64_t offset;{axes} }};"
        yield "#endif"
    yield ""


def exported_functions(signature: Signature, interface: CInterface) -> Iterable[str]:
    """The prototypes of what the library exports."""
    entry, prepare = signature.symbols
    inputs = [one.exported_declaration for one in interface.prepared]
    yield comment("What the library exports; the inline functions below are easier to call.")
    if signature.threaded:
        yield comment(team_text(signature, interface))
    yield declare(f"void {entry}", [one.exported_declaration for one in interface.arguments]) + ";"
    if interface.returned:
        yield declare(f"void {prepare}", ["int64_t *returned", *inputs]) + ";"
    else:
        yield declare(f"int64_t {prepare}", inputs) + ";"
    yield ""


def team_text(signature: Signature, interface: CInterface) -> str:
    """How threads share the work of one call."""
    entry, prepare = signature.symbols
    (num_threads,), (thread,), (barrier,) = interface.num_threads, interface.thread, interface.barrier
    text = (
        f"{entry} is for a team of threads: {num_threads.name} threads call it\n"
        f"at the same time, with the same arguments but for {thread.name} = 0, ..., {num_threads.name} - 1.\n"
        f"{barrier.name} has {BARRIER_WORDS} words, zero before the first call of the team. The results are complete\n"
        "when the call of thread 0 returns; what was passed may be freed when all have returned.\n"
        f"{prepare} comes first, on one thread"
    )
    sizes = f"; the last number that it returns is the size of {interface.arena[0].name}." if interface.arena else "."
    return f"{text}{sizes}\nThe inline functions compute on the calling thread alone."


def params_struct(name: str, parameters: Sequence[Parameter], variables: Sequence[Variable]) -> Iterable[str]:
    """The struct of the parameters, in the order of the exported function."""
    if not parameters:
        return
    yield comment("The parameters. The caller fills these arrays, once.")
    yield f"struct {name}_params {{"
    for parameter, variable in zip(parameters, variables, strict=True):
        yield comment(parameter_text(parameter, variable.name), indent="  ")
        yield f"  {variable.declaration};"
    yield from ("};", "")


def message_function(name: str, checks: Sequence[str]) -> Iterable[str]:
    """The function from a status to what is wrong."""
    yield comment(f"What is wrong when {name}_prepare or {name}_run returns `status`.")
    yield f"static inline const char *{name}_message(int64_t status) {{"
    yield "  static const char *const messages[] = {"
    yield from (f"    {string(text)}," for text in ("ok", *checks))
    yield "  };"
    yield f'  if (status == {NO_MEMORY}) return "not enough memory for temporaries";'
    yield f'  return 0 <= status && status <= {len(checks)} ? messages[status] : "unknown status";'
    yield from ("}", "")


def prepare_function(signature: Signature, interface: CInterface) -> Iterable[str]:
    """The inline function that checks the inputs and tells the shapes of the results."""
    name = signature.name
    shapes = [f"int64_t {one.name}_shape[{len(one.sizes)}]" for one in interface.results if one.sizes]
    yield comment(f"Check the inputs and tell the shapes of the results. Returns 0, or a status for {name}_message.")
    yield declare(f"static inline int64_t {name}_prepare", [*input_declarations(interface), *shapes]) + " {"
    yield from call_prepare(signature, interface)
    for one in interface.results:
        yield from (f"  {one.name}_shape[{axis}] = {size};" for axis, size in enumerate(one.sizes))
    yield from ("  return status;", "}", "")


def run_function(signature: Signature, interface: CInterface) -> Iterable[str]:
    """The inline function that computes the results."""
    name = signature.name
    params = [f"const struct {name}_params *params"] if interface.parameters else []
    results = [one.declaration for one in interface.results]
    text = f"Compute the results into arrays of the shapes that {name}_prepare tells. Returns 0, or a status."
    yield comment("\n".join((text, *held_text(signature, interface))))
    yield declare(f"static inline int64_t {name}_run", [*input_declarations(interface), *params, *results]) + " {"
    yield from call_prepare(signature, interface)
    yield "  if (status != 0) return status;"
    yield from (f"  {one.descriptor(f'params->{one.name}')}" for one in interface.parameters)
    yield from (f"  {one.descriptor(one.name)}" for one in interface.results)
    yield from (line for one in interface.arena for line in allocate_arena(one))
    yield from (line for one in interface.barrier for line in local_barrier(one))
    yield call(f"  {signature.symbols[0]}", [one.passed for one in interface.arguments])
    yield from ("  free(memory);" for _ in interface.arena)
    yield from ("  return 0;", "}", "")


def held_text(signature: Signature, interface: CInterface) -> Iterable[str]:
    """Which results have no array of their own."""
    for result, holder in sorted(signature.holders.items()):
        yield f"Result {result} is what {interface.inputs[holder].name} holds then."


def allocate_arena(arena: Variable) -> Iterable[str]:
    """Aligned memory for temporaries."""
    size, padding = arena.sizes[0], ARENA_ALIGNMENT - 1
    yield f"  void *const memory = malloc((size_t){size} + {padding});"
    yield f"  if (memory == NULL) return {NO_MEMORY};"
    yield f"  void *const {arena.name} = (void *)(((uintptr_t)memory + {padding}) / {padding + 1} * {padding + 1});"
    yield f"  {arena.descriptor(arena.name)}"


def local_barrier(barrier: Variable) -> Iterable[str]:
    """A barrier for one thread."""
    yield f"  int64_t {barrier.name}[{BARRIER_WORDS}] = {{0}};"
    yield f"  {barrier.descriptor(barrier.name)}"


def call_prepare(signature: Signature, interface: CInterface) -> Iterable[str]:
    """Describe the inputs and set `status`, and `returned` if results have sizes known at run time only."""
    yield from (f"  {one.descriptor(one.name)}" for one in interface.inputs if one in interface.arrays)
    symbol, inputs = signature.symbols[1], [one.passed for one in interface.prepared]
    if interface.returned:
        yield f"  int64_t returned[{1 + interface.returned}];"
        yield call(f"  {symbol}", ["returned", *inputs])
        yield "  const int64_t status = returned[0];"
    else:
        yield call(f"  const int64_t status = {symbol}", inputs)


def input_declarations(interface: CInterface) -> list[str]:
    """The sizes, then the inputs."""
    return [*(f"int64_t {name}" for name in interface.sizes), *(one.declaration for one in interface.inputs)]


def declare(head: str, declarations: Sequence[str]) -> str:
    """The head of a function: its result and name, and its arguments."""
    return listed(head, declarations or ["void"])


def call(head: str, arguments: Sequence[str]) -> str:
    """A statement that calls a function."""
    return listed(head, arguments) + ";"


def listed(head: str, items: Sequence[str]) -> str:
    """`head` with an argument list, one argument a line if all do not fit in one."""
    line = f"{head}({', '.join(items)})"
    if len(line) <= LINE_LENGTH:
        return line
    indent = " " * (len(head) - len(head.lstrip()) + 4)
    return f"{head}(\n{indent}" + f",\n{indent}".join(items) + ")"
