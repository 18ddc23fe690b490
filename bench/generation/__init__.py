"""Text generation by rlxc, transformers and llama.cpp: the same model, the same ids, side by side."""
