"""Reading the mixture of experts of a layer."""

from __future__ import annotations

from rlxc.models.config.family import ExpertKeys, Family
from rlxc.models.config.layer import ExpertsConfig
from rlxc.models.config.reader import ConfigReader
from rlxc.models.config.switches import switched

MOST_EXPERTS = 4096


def read_experts(config: ConfigReader, family: Family, number: int) -> ExpertsConfig | None:
    """The experts of the layer of a number; None if it has none."""
    keys = family.experts
    if keys is None or not switched(config, keys.present) or (keys.some_dense and not is_sparse(config, number)):
        return None
    key = next(filter(config.has, keys.count), keys.count[0])
    count = config.integer(key, keys.default_count, most=MOST_EXPERTS)
    top_k = config.integer(keys.top_k, keys.default_top_k)
    if top_k > count:
        raise config.error(keys.top_k, top_k, f"at most {key} = {count}")
    return ExpertsConfig(
        count=count,
        top_k=top_k,
        width=config.integer(keys.width, keys.default_width),
        renormalize=switched(config, keys.renormalize),
        shared_width=read_shared_width(config, keys),
    )


def is_sparse(config: ConfigReader, number: int) -> bool:
    """Whether the layer of a number has experts: each n-th has, but for those that are listed."""
    dense = config.integers("mlp_only_layers")
    return number not in dense and (number + 1) % config.integer("decoder_sparse_step", 1) == 0


def read_shared_width(config: ConfigReader, keys: ExpertKeys) -> int | None:
    """How wide the expert is that all tokens have; None if there is none."""
    return None if keys.shared_width is None else config.integer(keys.shared_width, keys.default_shared_width)
