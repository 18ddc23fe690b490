"""Python text: expressions, names, statements and lines."""
