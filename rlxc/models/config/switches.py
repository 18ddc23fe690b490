"""Properties that some models of a family have."""

from __future__ import annotations

from rlxc.models.config.family import Switch
from rlxc.models.config.reader import ConfigReader


def switched(config: ConfigReader, switch: bool | Switch) -> bool:
    """Whether a property is on."""
    return config.flag(switch.key, switch.default) if isinstance(switch, Switch) else switch
