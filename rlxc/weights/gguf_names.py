"""Hugging Face names for the tensors of a GGUF file, and what to undo under those names."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, cast

import numpy as np

from rlxc.weights.gguf_architectures import ARCHITECTURES, TensorNames
from rlxc.weights.gguf_header import GgufFormatError, TensorInfo
from rlxc.weights.source import Array

Undo = Callable[[Array], Array]

SHIFTED_NORMS = ("gemma2", "gemma3")
"""Architectures whose files hold `1 + w` for the norm weight `w`."""

LAYER_TENSOR = re.compile(r"blk\.(\d{1,6})\.([a-z0-9_]+)(?:\.(\d{1,6}))?\.(weight|bias|scale)")
"""A tensor of a layer; in the oldest files with the number of an expert."""

ONE_ROW = "ffn_gate_inp_shexp.weight"
"""The gate of a shared expert."""

MOST_ALIASES = 2**20
"""A limit on names, which the tensors of experts multiply."""


@dataclass(frozen=True)
class Alias:
    """The tensor of the file that a Hugging Face name stands for, and what makes it the Hugging Face tensor."""

    tensor: str
    part: int | None = None
    """The expert, which is the index on the first axis of the tensor; None for the whole tensor."""

    undo: Undo | None = None
    """Moves rows back to where they were."""

    added: float = 0.0
    """What to add to all elements."""

    row: bool = False
    """Whether it is a matrix of one row, which files may store as a vector."""


def hugging_face_names(tensors: Mapping[str, TensorInfo], metadata: Mapping[str, Any]) -> dict[str, Alias]:
    """The Hugging Face names of `tensors`; none for an architecture that `ARCHITECTURES` does not list.

    The rows of some projections are permuted in the file, see `undo_for`. Under the Hugging Face names
    they are in their original order. Stacked tensors of experts have one name for each expert.
    Raises GgufFormatError for more than `MOST_ALIASES` names.
    """
    architecture = metadata.get("general.architecture")
    names = ARCHITECTURES.get(architecture) if isinstance(architecture, str) else None
    if names is None:
        return {}
    aliases: dict[str, Alias] = {}
    for tensor, info in tensors.items():
        for name, part in hugging_face_parts(tensor, info, names):
            added = -1.0 if architecture in SHIFTED_NORMS and tensor.endswith("norm.weight") else 0.0
            undo, row = undo_for(tensor, str(architecture), metadata), tensor.endswith(ONE_ROW)
            aliases[name] = Alias(tensor, part, undo, added, row)
            if len(aliases) > MOST_ALIASES:
                raise GgufFormatError(f"it has more than {MOST_ALIASES} tensors of experts")
    return aliases


def hugging_face_parts(tensor: str, info: TensorInfo, names: TensorNames) -> Iterator[tuple[str, int | None]]:
    """The Hugging Face names of a tensor, each with the expert that it stands for."""
    match = LAYER_TENSOR.fullmatch(tensor)
    if match is None:
        if (name := with_kind(names.whole, tensor)) is not None:
            yield name, None
        return
    layer, module, expert, kind = match.groups()
    if module in names.experts and kind == "weight" and expert is None and info.elements:
        for number in range(info.shape[0] if len(info.shape) == 3 else 0):
            yield f"{names.layers.format(layer)}{names.experts[module].format(number)}.weight", number
    elif expert is not None:
        if f"{module}_exps" in names.experts:
            yield f"{names.layers.format(layer)}{names.experts[f'{module}_exps'].format(expert)}.{kind}", None
    elif (name := with_kind(names.layer, f"{module}.{kind}")) is not None:
        yield names.layers.format(layer) + name, None


def with_kind(names: Mapping[str, str], tensor: str) -> str | None:
    """The name for `module.weight` or `module.bias`: given for the whole, or for the module."""
    if tensor in names:
        return names[tensor]
    module, _, kind = tensor.rpartition(".")
    return f"{names[module]}.{kind}" if module in names and kind in ("weight", "bias") else None


def undo_for(tensor: str, architecture: str, metadata: Mapping[str, Any]) -> Undo | None:
    """What the writer of the file did to the rows of a tensor, undone.

    In files of architecture `llama` the two halves of each head of the q and k projections are interleaved;
    in those of `gptneox` the heads of q, k and v, which were interleaved, are apart.
    """
    match = LAYER_TENSOR.fullmatch(tensor)
    if match is None:
        return None
    layer, module = int(match[1]), match[2]
    heads = head_count(metadata.get(f"{architecture}.attention.head_count"), layer)
    match architecture, module:
        case "llama", "attn_q":
            return partial(unpermuted, heads=heads)
        case "llama", "attn_k":
            kv_heads = metadata.get("llama.attention.head_count_kv", heads)
            return partial(unpermuted, heads=head_count(kv_heads, layer))
        case "gptneox", "attn_qkv":
            return partial(interleaved, heads=heads)
        case _:
            return None


def head_count(heads: Any, layer: int) -> int | None:
    """The number of heads in a layer, from metadata that is one number or one for each layer."""
    if isinstance(heads, np.ndarray):
        per_layer = cast(Array, heads).tolist()
        heads = per_layer[layer] if layer < len(per_layer) else None
    return heads if isinstance(heads, int) else None


def unpermuted(stored: Array, heads: int | None) -> Array:
    """Rows `(h, 2i)` and `(h, 2i + 1)` of each head to rows `(h, i)` and `(h, i + head_dim/2)`."""
    by_head = stored.reshape(checked(heads, stored, 2), -1, 2, *stored.shape[1:])
    return by_head.swapaxes(1, 2).reshape(stored.shape)


def interleaved(stored: Array, heads: int | None) -> Array:
    """Rows `(q or k or v, h, i)` to rows `(h, q or k or v, i)`."""
    by_kind = stored.reshape(3, checked(heads, stored, 3), -1, *stored.shape[1:])
    return by_kind.swapaxes(0, 1).reshape(stored.shape)


def checked(heads: int | None, stored: Array, parts: int) -> int:
    """The number of heads. Raises ValueError unless each has the same number of rows, a multiple of `parts`."""
    rows = len(stored)
    if not heads or heads < 0 or rows % (parts * heads):
        raise ValueError(f"the metadata gives {heads} attention heads, which do not divide {rows} rows of q or k")
    return heads
