"""The code that finds the limits of a machine, in LLVM IR: nothing but multiply-adds, nothing but reads."""

from __future__ import annotations

WIDTHS = (4, 8, 16)
"""Elements in a vector; the widest that the machine has wins."""

CHAINS = 12
"""Sums that do not wait for each other: enough for two units with a latency of five."""

STREAMS = (1, 4, 8)
"""Places that are read in turn."""

STEP = 64
"""Elements of a stream that are read at once, in vectors of eight."""


def multiply_add_code(width: int) -> str:
    """`float fma_WIDTH(int64 repeats)`: `repeats * CHAINS * width` multiply-adds."""
    vector = f"<{width} x float>"
    sums = range(CHAINS)
    lines = [f"define float @fma_{width}(i64 %repeats) {{", "entry:", "  br label %loop", "loop:"]
    lines.append("  %i = phi i64 [ 0, %entry ], [ %next, %loop ]")
    lines += [f"  %s{k} = phi {vector} [ {splat(width, k)}, %entry ], [ %t{k}, %loop ]" for k in sums]
    factor, term = splat(width, 0.5), splat(width, 0.25)
    call = f"call {vector} @llvm.fma.v{width}f32"
    lines += [f"  %t{k} = {call}({vector} %s{k}, {vector} {factor}, {vector} {term})" for k in sums]
    lines += ["  %next = add i64 %i, 1", "  %more = icmp ult i64 %next, %repeats"]
    lines += ["  br i1 %more, label %loop, label %done", "done:"]
    lines += total([f"%t{k}" for k in sums], vector)
    return "\n".join([*lines, "}", f"declare {vector} @llvm.fma.v{width}f32({vector}, {vector}, {vector})", ""])


def read_code(streams: int) -> str:
    """`float read_STREAMS(ptr memory, int64 elements)`: sum `elements` of each of so many parts, which follow on."""
    vector, parts = "<8 x float>", range(streams)
    lines = [f"define float @read_{streams}(ptr %memory, i64 %elements) {{", "entry:", "  br label %loop", "loop:"]
    lines.append("  %i = phi i64 [ 0, %entry ], [ %next, %loop ]")
    lines += [f"  %s{k} = phi {vector} [ {splat(8, 0.0)}, %entry ], [ %t{k}, %loop ]" for k in range(8)]
    for part in parts:
        lines.append(f"  %start{part} = mul i64 %elements, {part}")
        lines.append(f"  %at{part} = add i64 %start{part}, %i")
        for k in range(STEP // 8):
            lines.append(f"  %o{part}.{k} = add i64 %at{part}, {8 * k}")
            lines.append(f"  %p{part}.{k} = getelementptr float, ptr %memory, i64 %o{part}.{k}")
            lines.append(f"  %v{part}.{k} = load {vector}, ptr %p{part}.{k}, align 32")
            before = f"%s{k}" if part == 0 else f"%a{part - 1}.{k}"
            name = f"%t{k}" if part == streams - 1 else f"%a{part}.{k}"
            lines.append(f"  {name} = fadd {vector} {before}, %v{part}.{k}")
    lines += [f"  %next = add i64 %i, {STEP}", "  %more = icmp ult i64 %next, %elements"]
    lines += ["  br i1 %more, label %loop, label %done", "done:"]
    return "\n".join([*lines, *total([f"%t{k}" for k in range(8)], vector), "}", ""])


def splat(width: int, value: float) -> str:
    """A constant vector."""
    return f"<{', '.join([f'float {float(value):e}'] * width)}>"


def total(values: list[str], vector: str) -> list[str]:
    """Return an element of the sum of vectors, so that none of them can be left out."""
    lines = [f"  %sum0 = fadd {vector} {values[0]}, {values[1]}"]
    lines += [f"  %sum{k} = fadd {vector} %sum{k - 1}, {value}" for k, value in enumerate(values[2:], 1)]
    last = len(values) - 2
    return [*lines, f"  %element = extractelement {vector} %sum{last}, i32 0", "  ret float %element"]
