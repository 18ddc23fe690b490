"""Conversations read only what is new."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from numpy.typing import NDArray

from rlxc import Model, load_model
from rlxc.runtime.generation import Conversation, Session
from tiny_models import tiny_model

__all__ = ["tiny_model"]


@pytest.fixture
def model(tiny_model: Path) -> Model:
    return load_model(tiny_model, "numpy")


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many tokens were read in each step of more than one."""
    counts, inner = list[int](), Session.read

    def counted(session: Session, ids: NDArray[Any], mask: NDArray[Any] | None = None) -> NDArray[Any]:
        counts.append(ids.shape[1])
        return inner(session, ids, mask)

    monkeypatch.setattr(Session, "read", counted)
    return counts


def test_turns_go_on_from_the_caches(model: Model, read: list[int]):
    talk = Conversation(model)
    reply = "".join(talk.reply("Hi", 6))
    assert talk.messages == [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": reply}]
    list(talk.reply("And you?", 1))
    assert [count for count in read if count > 1] == [len("u:Hi;a:"), len("?;u:And you?;a:")]


def test_what_is_cut_off_is_forgotten(model: Model, read: list[int]):
    talk = Conversation(model)
    reply = talk.reply("Hi", 6)
    said = next(reply)
    reply.close()
    assert talk.messages[-1] == {"role": "assistant", "content": said}
    list(talk.reply("And you?", 1))
    assert read[-1] == len(f"u:Hi;a:u:Hi;a:{said};u:And you?;a:") - len("u:Hi;a:")
