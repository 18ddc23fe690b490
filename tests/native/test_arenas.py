"""Memory for temporaries: kept, but never shared."""

from __future__ import annotations

from rlxc.native.arenas import Arenas


def test_memory_is_kept_and_grows() -> None:
    arenas = Arenas()
    with arenas.lend(100) as first:
        first.array[:] = 1
    with arenas.lend(50) as second:
        assert second is first
    with arenas.lend(101) as third:
        assert third.array.size == 101
        assert not third.array.any()
    with arenas.lend(10) as fourth:
        assert fourth is third


def test_calls_at_the_same_time_have_memory_of_their_own() -> None:
    arenas = Arenas()
    with arenas.lend(100) as first, arenas.lend(100) as second:
        assert first is not second
    with arenas.lend(100) as third, arenas.lend(100) as fourth:
        assert {id(third), id(fourth)} == {id(first), id(second)}
