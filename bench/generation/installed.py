"""`python -m bench.generation.installed` prints the versions of the backends that the interpreter has."""

from __future__ import annotations

import json

from bench.generation.backends import BACKENDS
from bench.peers.installed import versions_here

if __name__ == "__main__":
    print(json.dumps(versions_here(BACKENDS)))
