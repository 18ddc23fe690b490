"""Operations on tensors as expressions on NumPy arrays."""
