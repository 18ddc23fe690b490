"""Chat templates, which come with models and are programs: they run in a sandbox, with limits.

A template sees the messages and what `render_chat` gives it; no module, no file, no attribute that begins
with an underscore. Loops and macros take at most `MOST_STEPS` steps together, and no string or list
that an operator, a method or a filter makes may be longer than `MOST_LENGTH`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, cast

from jinja2 import TemplateError

from rlxc.diagnostics import RlxcError
from rlxc.models.tokenizer.sandbox import Sandbox, SandboxLimitError


def render_chat(template: str, messages: Sequence[Mapping[str, Any]], names: Mapping[str, Any]) -> str:
    """The text of a conversation. Raises RlxcError for what the template refuses or may not do."""
    environment = Sandbox()
    cast(Any, environment.globals).update(raise_exception=refuse, strftime_now=now)
    try:
        return environment.from_string(template).render(messages=messages, tools=None, **names)
    except (TemplateError, SandboxLimitError) as error:
        raise RlxcError(f"the chat template failed: {error}") from error
    except RecursionError as error:
        raise RlxcError("the chat template failed: it is nested too deeply") from error
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        raise RlxcError(
            f"the chat template failed: {error}", hint="messages are objects with a 'role' and a 'content'"
        ) from error


def refuse(message: str) -> None:
    """What templates call for messages that they cannot render."""
    raise TemplateError(message)


def now(form: str) -> str:
    """The time, as templates for models with knowledge of dates ask for it."""
    return datetime.now().strftime(form[:100])
