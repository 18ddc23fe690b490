"""Fusions: rlx to rlx, one pass a file."""
