"""From `rlx` operations to `kernel` operations: weights in panels, workspaces, one pattern for each operation."""
