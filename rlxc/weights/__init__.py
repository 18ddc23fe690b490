"""Where tensors come from: arrays in memory, safetensors, `.npz` and GGUF files."""

from rlxc.weights.digest import content_digest
from rlxc.weights.load import ParamSpec, check_shapes, load_param, load_stored
from rlxc.weights.mapping import MappingWeights
from rlxc.weights.open import as_source, open_weights
from rlxc.weights.random_weights import RandomWeights, random_seed
from rlxc.weights.source import WeightSource, require_key

__all__ = [
    "MappingWeights",
    "ParamSpec",
    "RandomWeights",
    "WeightSource",
    "as_source",
    "check_shapes",
    "content_digest",
    "load_param",
    "load_stored",
    "open_weights",
    "random_seed",
    "require_key",
]
