"""Lowering: rlx to linalg to loops, one pass a file."""
