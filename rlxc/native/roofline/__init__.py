"""What the machine can do at most: measured, so that times can be compared with it."""

from rlxc.native.roofline.machine import Roofline, roofline
from rlxc.native.roofline.probe import Probe

__all__ = ["Probe", "Roofline", "roofline"]
