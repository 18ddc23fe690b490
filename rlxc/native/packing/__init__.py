"""Weights in the order in which native code reads them."""

from rlxc.native.packing.panels import Copy, Matrix, as_panels, packed_shape, panel_copies

__all__ = ["Copy", "Matrix", "as_panels", "packed_shape", "panel_copies"]
