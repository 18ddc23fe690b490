"""What a function prints, under which names, and which arrays it may write again."""
