"""Calls that several threads share."""

from rlxc.native.threads.count import thread_count
from rlxc.native.threads.team import Team, team_library, team_of

__all__ = ["Team", "team_library", "team_of", "thread_count"]
