"""The names of the text model's tensors, without what wraps them.

A causal model names its tensors `model.layers.0...` and `lm_head.weight`. In a multimodal checkpoint
the text model is a part (`language_model.model.layers.0...`, or in newer files
`model.language_model.layers.0...`); in a checkpoint of the body alone it is the whole (`layers.0...`).
"""

from __future__ import annotations

import re
from collections.abc import Collection

from rlxc.diagnostics import RlxcError

OTHER_MODALITIES = re.compile(
    r"(model\.)?((vision|audio|visual|image|video)[a-z_]*|embed_(vision|audio)|multi_modal_projector|mm_projector)\."
)
"""Towers for images and sound, and what joins them to the text model."""

TEXT_PARTS = ("model.language_model.", "language_model.model.", "language_model.")
"""What the tensors of the text model begin with in multimodal checkpoints, the longest first."""

BODIES = {"gpt_neox": "gpt_neox.", "bert": ""}
"""What the tensors of the body begin with, by `model_type`; `model.` in all others."""

HEADS = ("lm_head.", "embed_out.", "score.", "classifier.", "cls.", "qa_outputs.", "pooler.")
"""Tensors that are no part of the body."""

OLD_LAYER_NORM = (("LayerNorm.gamma", "LayerNorm.weight"), ("LayerNorm.beta", "LayerNorm.bias"))
"""Names in the oldest BERT checkpoints, and what became of them."""


def text_tensors(stored: Collection[str], model_type: str, where: str) -> dict[str, str]:
    """The usual name of each tensor of the text model -> its name in the file.

    Raises RlxcError if two tensors have one usual name.
    """
    names: dict[str, str] = {}
    for name in stored:
        if OTHER_MODALITIES.match(name):
            continue
        usual = usual_name(name, model_type)
        if usual in names:
            raise RlxcError(f"the tensors '{names[usual]}' and '{name}' in {where} are both '{usual}'")
        names[usual] = name
    return names


def usual_name(name: str, model_type: str) -> str:
    """The name of a tensor in a plain checkpoint of a model type."""
    body = BODIES.get(model_type, "model.")
    if model_type == "bert":
        name = name.removeprefix("bert.")
        for old, new in OLD_LAYER_NORM:
            name = name.removesuffix(old) + new if name.endswith(old) else name
    for part in TEXT_PARTS:
        if name.startswith(part):
            name = name.removeprefix(part)
            break
    if model_type == "mixtral":
        name = re.sub(r"(\blayers\.\d+\.)mlp\.", r"\1block_sparse_moe.", name)  # as transformers has it in memory
    if name.startswith((body, *HEADS)):
        return name
    return body + name
