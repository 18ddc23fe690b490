"""What fusions share: rules, rebuilding operations, and what is known about sizes and weights."""
