"""Elementary functions of float32 as arithmetic, for numbers and for vectors, without branches."""
