"""Hugging Face names for the tensors of a GGUF file, and what to undo under those names."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, cast

from rlxc.weights.source import Array

Undo = Callable[[Array], Array]

WHOLE = {"token_embd": "model.embed_tokens", "output_norm": "model.norm", "output": "lm_head"}
"""Tensors that belong to no layer."""

ATTENTION = {
    "attn_norm": "input_layernorm",
    "attn_q": "self_attn.q_proj",
    "attn_k": "self_attn.k_proj",
    "attn_v": "self_attn.v_proj",
    "attn_output": "self_attn.o_proj",
    "attn_q_norm": "self_attn.q_norm",
    "attn_k_norm": "self_attn.k_norm",
}
MLP = {"ffn_gate": "mlp.gate_proj", "ffn_up": "mlp.up_proj", "ffn_down": "mlp.down_proj"}
PRE_NORM = {**ATTENTION, **MLP, "ffn_norm": "post_attention_layernorm"}
SANDWICH_NORM = {
    **ATTENTION,
    **MLP,
    "post_attention_norm": "post_attention_layernorm",
    "ffn_norm": "pre_feedforward_layernorm",
    "post_ffw_norm": "post_feedforward_layernorm",
}
MERGED = {**PRE_NORM, "attn_qkv": "self_attn.qkv_proj", "ffn_up": "mlp.gate_up_proj"}

LAYERS: Mapping[str, Mapping[str, str]] = {
    "llama": PRE_NORM,
    "qwen2": PRE_NORM,
    "qwen3": PRE_NORM,
    "phi3": MERGED,
    "gemma2": SANDWICH_NORM,
    "gemma3": SANDWICH_NORM,
}
"""The names within a layer, by `general.architecture`."""

SHIFTED_NORMS = ("gemma2", "gemma3")
"""Architectures whose files hold `1 + w` for the norm weight `w`."""

LAYER_TENSOR = re.compile(r"blk\.(\d+)\.([a-z_]+)\.(weight|bias)")
TENSOR = re.compile(r"([a-z_]+)\.(weight|bias)")


@dataclass(frozen=True)
class Alias:
    """The tensor of the file that a Hugging Face name stands for, and what makes it the Hugging Face tensor."""

    tensor: str
    undo: Undo | None = None


def hugging_face_names(names: Iterable[str], metadata: Mapping[str, Any]) -> dict[str, Alias]:
    """The Hugging Face names of the tensors `names`; none for an architecture that is not listed here.

    In files of architecture `llama` the rows of the q and k projections are permuted: the two halves
    of each head are interleaved. Under the Hugging Face names they are in their original order.
    """
    architecture = metadata.get("general.architecture")
    layer_names = LAYERS.get(architecture) if isinstance(architecture, str) else None
    if layer_names is None:
        return {}
    aliases: dict[str, Alias] = {}
    for name in names:
        if (alias := hugging_face_name(name, layer_names)) is not None:
            aliases[alias] = Alias(name, undo_for(name, str(architecture), metadata))
    return aliases


def hugging_face_name(name: str, layer_names: Mapping[str, str]) -> str | None:
    """The Hugging Face name of a tensor, if it has one."""
    if (match := LAYER_TENSOR.fullmatch(name)) is not None:
        layer, part, kind = match.groups()
        return f"model.layers.{layer}.{layer_names[part]}.{kind}" if part in layer_names else None
    if (match := TENSOR.fullmatch(name)) is not None:
        part, kind = match.groups()
        return f"{WHOLE[part]}.{kind}" if part in WHOLE else None
    return None


def undo_for(name: str, architecture: str, metadata: Mapping[str, Any]) -> Undo | None:
    """What the writer of the file did to the tensor, undone."""
    if architecture in SHIFTED_NORMS and name.endswith("norm.weight"):
        return lambda stored: stored - stored.dtype.type(1)
    match = LAYER_TENSOR.fullmatch(name)
    if architecture != "llama" or match is None or match[2] not in ("attn_q", "attn_k"):
        return None
    heads = metadata.get("llama.attention.head_count")
    if match[2] == "attn_k":
        heads = metadata.get("llama.attention.head_count_kv", heads)
    count = head_count(heads, int(match[1]))
    return lambda stored: unpermuted(stored, count)


def head_count(heads: Any, layer: int) -> int | None:
    """The number of heads in a layer, from metadata that is one number or one for each layer."""
    per_layer = cast("tuple[Any, ...]", heads) if isinstance(heads, tuple) else (heads,) * (layer + 1)
    count = per_layer[layer] if layer < len(per_layer) else None
    return count if isinstance(count, int) else None


def unpermuted(stored: Array, heads: int | None) -> Array:
    """Rows `(h, 2i)` and `(h, 2i + 1)` of each head to rows `(h, i)` and `(h, i + head_dim/2)`."""
    rows = len(stored)
    if not heads or heads < 0 or rows % (2 * heads):
        raise ValueError(f"the metadata gives {heads} attention heads, which do not divide {rows} rows of q or k")
    by_head = stored.reshape(heads, -1, 2, *stored.shape[1:])
    return by_head.swapaxes(1, 2).reshape(stored.shape)
