"""`python -m rlxc`."""

import sys

from rlxc.cli import main

sys.exit(main())
