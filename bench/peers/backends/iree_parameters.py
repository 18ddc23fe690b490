"""Making the weights of a StableHLO program parameters of IREE."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bench.peers.inputs import STATE

Shape = tuple[int, ...]


def with_parameters(text: str, shapes: Mapping[str, Shape], results: Sequence[Shape]) -> str:
    """The module with a function `run` on the arrays of `STATE` alone.

    `text` defines `main` on all arrays in the order of their names, as JAX flattens a dictionary.
    """
    names = sorted(shapes)
    types = {name: tensor(shape) for name, shape in shapes.items()}
    state = [name for name in STATE if name in shapes]
    weights = [name for name in names if name not in state]
    result_types = ", ".join(map(tensor, results))
    declared = [global_parameter(name, types[name]) for name in weights]
    arguments = ", ".join(f"%{name}: {types[name]}" for name in state)
    passed = ", ".join(f"%{name}" for name in names)
    argument_types = ", ".join(types[name] for name in names)
    count = len(results)
    returned = ", ".join(f"%r#{index}" for index in range(count)) if count > 1 else "%r"
    called = f"%r:{count}" if count > 1 else "%r"
    function = [
        f"  func.func public @run({arguments}) -> ({result_types}) {{",
        *(f"    %{name} = util.global.load @{name} : {types[name]}" for name in weights),
        f"    {called} = call @main({passed}) : ({argument_types}) -> ({result_types})",
        f"    return {returned} : {result_types}",
        "  }",
    ]
    module = text.replace("func.func public @main", "func.func private @main").rstrip().removesuffix("}")
    return "\n".join([module, *declared, *function, "}", ""])


def tensor(shape: Shape) -> str:
    """The type of an array of float32."""
    return f"tensor<{''.join(f'{size}x' for size in shape)}f32>"


def global_parameter(name: str, kind: str) -> str:
    """A global that is the parameter of its name."""
    return f'  util.global private @{name} = #flow.parameter.named<"weights"::"{name}"> : {kind}'
