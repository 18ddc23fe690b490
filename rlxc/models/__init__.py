"""Whole models: from a checkpoint to text."""
