"""The tokenizer of a model."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rlxc.diagnostics import RlxcError
from rlxc.models.extras import models_extra
from rlxc.models.tokenizer.checked_text import require_text
from rlxc.models.tokenizer.stream import TextStream

if TYPE_CHECKING:
    from tokenizers import Tokenizer as Vocabulary


@dataclass(frozen=True)
class Tokenizer:
    """From text to ids and back."""

    vocabulary: Vocabulary
    """The tokenizer of the library `tokenizers`."""

    stop_ids: frozenset[int] = frozenset()
    """The tokens that end a text."""

    bos_id: int | None = None
    """The token that begins a text, if there is one; whether `encode` writes it is up to the tokenizer."""

    prefix: tuple[int, ...] = ()
    """What `encode` writes before the text, unless the library does so itself."""

    suffix: tuple[int, ...] = ()
    """What `encode` writes behind it."""

    chat_template: str | None = None
    special_tokens: Mapping[str, str] | None = None
    """What chat templates may name: `bos_token`, `eos_token` and so on."""

    def encode(self, text: str, *, special: bool = True, most: int | None = None) -> list[int]:
        """The ids of a text. `special`: with the tokens that begin and end a text, if the model has them.

        With `most`, the text is cut so that it has so many ids at most; the tokens that end it stay.
        Raises RlxcError for what is no Unicode text.
        """
        encoding = self.vocabulary.encode(require_text(text), add_special_tokens=special)
        ids = [*self.prefix, *encoding.ids, *self.suffix] if special else encoding.ids
        if most is None or len(ids) <= most:
            return ids
        end = len(self.suffix) + added_at_end(encoding.special_tokens_mask) if special else 0
        return [*ids[: max(most - end, 0)], *ids[len(ids) - end :]][:most]

    def decode(self, ids: Sequence[int], *, special: bool = False) -> str:
        """The text of ids; with `special`, tokens such as `<|im_end|>` too. Raises RlxcError for a negative id."""
        for token in ids:
            if token < 0:
                raise RlxcError(f"{token} is no token id")
        return self.vocabulary.decode(list(ids), skip_special_tokens=not special)

    def text_stream(self, *, special: bool = False) -> TextStream:
        """What turns ids that come one after the other into text."""
        return TextStream(lambda ids: self.decode(ids, special=special))

    def stream(self, ids: Iterable[int], *, special: bool = False) -> Iterator[str]:
        """The text of ids in pieces, each as soon as its characters are complete."""
        stream = self.text_stream(special=special)
        for token in ids:
            if text := stream.push(token):
                yield text
        if text := stream.finish():
            yield text

    def render_chat(self, messages: Sequence[Mapping[str, Any]], *, add_generation_prompt: bool = True) -> str:
        """A conversation as the model was trained to read it; `messages` have a `role` and `content`.

        Raises RlxcError if the model has no chat template, or if the template refuses the messages.
        """
        if self.chat_template is None:
            raise RlxcError("the model has no chat template", hint="use a model that is tuned for chat, or plain text")
        with models_extra("a chat template"):
            from rlxc.models.tokenizer.chat import render_chat

        return render_chat(
            self.chat_template,
            messages,
            {**(self.special_tokens or {}), "add_generation_prompt": add_generation_prompt},
        )

    def encode_chat(self, messages: Sequence[Mapping[str, Any]], *, add_generation_prompt: bool = True) -> list[int]:
        """The ids of a conversation. The template writes the tokens that begin and end a text itself."""
        return self.encode(self.render_chat(messages, add_generation_prompt=add_generation_prompt), special=False)


def added_at_end(mask: Sequence[int]) -> int:
    """How many tokens at the end the tokenizer has added: those behind the last 0 of the mask."""
    return next((count for count, added in enumerate(reversed(mask)) if not added), len(mask))
