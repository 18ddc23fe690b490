"""The model in the forms that backends read, with the same numbers in each: in float32, decoded beforehand."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Literal

Form = Literal["original", "directory", "gguf"]
"""As given, a Hugging Face directory, or a GGUF file."""


def written(model: Path, form: Form, directory: Path) -> Path:
    """The model in a form, written to a directory unless it is there. Raises ValueError if it has no such form."""
    match form:
        case "original":
            return model
        case "directory":
            return hugging_face_directory(model, directory / "huggingface")
        case "gguf":
            if model.suffix.lower() != ".gguf":
                raise ValueError("the model is no GGUF file")
            return float_gguf(model, directory / "float32.gguf")


def hugging_face_directory(model: Path, directory: Path) -> Path:
    """The config and the tensors, as rlxc reads them."""
    import numpy as np
    from safetensors.numpy import save_file

    from rlxc.models.checkpoint import open_checkpoint

    if not directory.exists():
        directory.mkdir()
        checkpoint = open_checkpoint(model)
        weights = checkpoint.weights
        tensors = {key: np.ascontiguousarray(weights.get(key), np.float32) for key in weights.keys()}
        save_file(tensors, directory / "model.safetensors", {"format": "pt"})
        (directory / "config.json").write_text(json.dumps(dict(checkpoint.config)))
    return directory


def float_gguf(model: Path, path: Path) -> Path:
    """The same file with all tensors in float32, as the package `gguf` decodes them."""
    from gguf import GGUFReader, GGUFValueType, GGUFWriter
    from gguf.quants import dequantize

    if path.exists():
        return path
    reader = GGUFReader(model)
    writer: Any = GGUFWriter(path, str(reader.fields["general.architecture"].contents()))
    for name, field in reader.fields.items():
        if not name.startswith("GGUF.") and name != "general.architecture":
            is_array = field.types[0] == GGUFValueType.ARRAY
            writer.add_key_value(name, field.contents(), field.types[0], field.types[-1] if is_array else None)
    for tensor in reader.tensors:
        writer.add_tensor(tensor.name, dequantize(tensor.data, tensor.tensor_type))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path
