"""Make tiny BERT models, and references of batches of texts of two lengths with two types of tokens.

`python bench/references/make_encoders.py` needs the extra `refs`. The models have seeded random weights, stored in
float16; hidden states are computed in float64. The tests read what it writes, `tests/data/encoders`.
With a directory of all-MiniLM-L6-v2 as its argument, it writes `tests/data/real/minilm.npz` instead.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any
from zlib import crc32

import numpy as np
import torch
import transformers
from transformers import AutoConfig, AutoModel, AutoTokenizer

DATA = Path(__file__).parents[2] / "tests" / "data"

LENGTH, SHORTER = 13, 7
COMMON = {
    "vocab_size": 64,
    "hidden_size": 24,
    "intermediate_size": 40,
    "num_hidden_layers": 3,
    "num_attention_heads": 3,
    "max_position_embeddings": 20,
    "pad_token_id": 0,
}

MODELS: dict[str, tuple[str, dict[str, Any]]] = {
    "bert_pooler": ("BertModel", {"layer_norm_eps": 1e-5}),
    "bert_masked_lm": ("BertForMaskedLM", {"hidden_act": "relu", "type_vocab_size": 3}),
    "bert_classifier": ("BertForSequenceClassification", {"hidden_act": "gelu_new", "num_attention_heads": 8}),
}
"""Name -> the class that saves the model, with its heads, and what its config has besides `COMMON`."""

TEXTS = (
    "The capital of France is Paris.",
    "A compiler turns what people write into what machines run, and tells why it could not.",
    "Größe und Maß: naïve café, 東京!",
    "yes",
)


def draw_weights(model: torch.nn.Module) -> None:
    """Random weights under which states differ: matrices that keep the scale, gains about 1, biases about 0."""
    for name, tensor in model.named_parameters():
        drawn = torch.randn_like(tensor)
        if tensor.dim() > 1:
            drawn /= 1.0 if "embeddings" in name else tensor.shape[-1] ** 0.5
        else:
            drawn = 0.2 * drawn + (0.0 if "bias" in name else 1.0)
        tensor.data.copy_(drawn)


def states(directory: Path, dtype: torch.dtype, **inputs: torch.Tensor) -> np.ndarray:
    """The last hidden states of a stored model, computed in a type."""
    model = AutoModel.from_pretrained(directory, attn_implementation="eager", dtype=dtype).eval()
    return model(**inputs).last_hidden_state.numpy()


@torch.no_grad()
def make(name: str) -> None:
    """Write one model and its reference."""
    kind, config = MODELS[name]
    torch.manual_seed(crc32(name.encode()))
    model = getattr(transformers, kind)(AutoConfig.for_model("bert", **COMMON | config))
    draw_weights(model)
    directory = DATA / "encoders" / name
    model.half().save_pretrained(directory)
    (directory / "generation_config.json").unlink(missing_ok=True)
    ids = torch.randint(1, COMMON["vocab_size"], (2, LENGTH))
    mask = torch.ones_like(ids)
    mask[1, SHORTER:] = 0
    types = torch.randint(0, model.config.type_vocab_size, ids.shape)
    inputs = {"input_ids": ids, "attention_mask": mask, "token_type_ids": types}
    narrow, wide = (states(directory, dtype, **inputs) for dtype in (torch.float32, torch.float64))
    error = float(np.abs(narrow - wide).max())
    arrays = {key: value.numpy() for key, value in inputs.items()}
    np.savez(directory / "reference.npz", **arrays, states64=wide, tolerance=max(8 * error, 1e-5))
    print(f"{name}: error of float32 {error:.2g}, largest state {np.abs(wide).max():.3g}")


@torch.no_grad()
def make_minilm(directory: Path) -> None:
    """Write what MiniLM makes of a few texts: the states of their tokens, one after the other, and their vectors."""
    tokenizer = AutoTokenizer.from_pretrained(directory)
    found: dict[str, np.ndarray] = {}
    for number, text in enumerate(TEXTS):
        inputs = tokenizer(text, return_tensors="pt")
        wide = states(directory, torch.float64, **inputs)[0]
        vector = wide.mean(axis=0)
        found[f"{number}/input_ids"] = inputs["input_ids"].numpy()[0]
        found[f"{number}/states"] = wide.astype(np.float32)
        found[f"{number}/vector"] = (vector / np.linalg.norm(vector)).astype(np.float32)
    np.savez_compressed(DATA / "real" / "minilm.npz", texts=json.dumps(TEXTS), **found)


if __name__ == "__main__":
    if len(sys.argv) > 1:
        make_minilm(Path(sys.argv[1]))
    else:
        for case in MODELS:
            make(case)
