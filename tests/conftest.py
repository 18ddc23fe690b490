"""What all tests share."""

from __future__ import annotations

from collections.abc import Generator

import pytest

from rlxc.native.object_cache import VARIABLE


@pytest.fixture(scope="session", autouse=True)
def cache_of_its_own(tmp_path_factory: pytest.TempPathFactory) -> Generator[None]:
    """Compiled code goes to a directory of this run, and comes from there."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(VARIABLE, str(tmp_path_factory.mktemp("cache")))
        yield
