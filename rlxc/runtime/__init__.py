"""From a program to a function on NumPy arrays."""
