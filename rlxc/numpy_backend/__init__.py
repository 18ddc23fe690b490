"""Programs at the linalg level as readable Python that needs only NumPy."""

from rlxc.numpy_backend.module import emit_numpy, entry_name

__all__ = ["emit_numpy", "entry_name"]
