"""Models that continue texts: caches, sampling, and what users call."""

from rlxc.runtime.generation.conversation import Conversation
from rlxc.runtime.generation.load_model import load_model
from rlxc.runtime.generation.model import Model
from rlxc.runtime.generation.sampling import Sampling
from rlxc.runtime.generation.session import Session

__all__ = ["Conversation", "Model", "Sampling", "Session", "load_model"]
