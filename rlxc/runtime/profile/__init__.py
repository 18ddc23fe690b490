"""Where the time of a call goes."""

from rlxc.runtime.profile.program import ProfiledProgram
from rlxc.runtime.profile.report import Profile, Row

__all__ = ["Profile", "ProfiledProgram", "Row"]
