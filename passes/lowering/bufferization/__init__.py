"""Tensors to buffers: first where each tensor lives is decided on tensors, then each becomes a memref."""
