"""Calls that cost little: their memory is prepared, and one native function looks at all arrays."""
