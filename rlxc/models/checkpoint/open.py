"""From a path to a checkpoint."""

from __future__ import annotations

import os
from pathlib import Path

from rlxc.diagnostics import RlxcError
from rlxc.models.checkpoint.checkpoint import Checkpoint
from rlxc.models.checkpoint.gguf import open_gguf
from rlxc.models.checkpoint.hugging_face import open_directory
from rlxc.models.extras import models_extra

HINT = "give a directory with config.json and model.safetensors, as Hugging Face has them, or a .gguf file"


def open_checkpoint(path: str | os.PathLike[str]) -> Checkpoint:
    """The model in a Hugging Face directory or a GGUF file. Headers are read, tensors are not.

    Raises RlxcError if there is none, or if its files are damaged.
    """
    place = Path(path)
    with models_extra("a model"):
        if place.is_dir():
            return open_directory(place)
        if place.suffix.lower() == ".gguf" and place.exists():
            return open_gguf(place)
    problem = "it is no model file" if place.exists() else "there is no such directory or file"
    raise RlxcError(f"cannot open the model '{place}': {problem}", hint=HINT)
