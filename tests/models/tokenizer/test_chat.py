"""Chat templates: what they write, and what they cannot do."""

from __future__ import annotations

import time

import pytest

from rlxc import RlxcError
from rlxc.models.tokenizer.chat import render_chat

MESSAGES = [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "<Hello>"}]


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("{% for m in messages %}[{{ m.role }}] {{ m['content'] }}\n{% endfor %}", "[user] Hi\n[assistant] <Hello>\n"),
        ("{{ bos_token }}{% if add_generation_prompt %}go{% endif %}", "<s>go"),
        ("{%- for m in messages %}\n  {%- if loop.last %}{{ loop.index }}{% break %}{% endif %}\n{%- endfor %}", "2"),
        ("{% set ns = namespace(n=0) %}{% for m in messages %}{% set ns.n = ns.n + 1 %}{% endfor %}{{ ns.n }}", "2"),
        ("{{ messages[1] | tojson }}", '{"role": "assistant", "content": "<Hello>"}'),
        ("{{ 'a' ~ 1 ~ none }}{% generation %}b{% endgeneration %}", "a1Noneb"),
        ("{% macro twice(x) %}{{ x }}{{ x }}{% endmacro %}{{ twice('ab') }}", "abab"),
        ("{{ strftime_now('%Y') | int > 2000 }}", "True"),
    ],
)
def test_rendered(template: str, expected: str) -> None:
    assert render_chat(template, MESSAGES, {"bos_token": "<s>", "add_generation_prompt": True}) == expected


@pytest.mark.parametrize(
    ("template", "problem"),
    [
        ("{{ raise_exception('roles must alternate') }}", "roles must alternate"),
        ("{% for %}", "Expected an expression"),
        ("{{ messages[7].content }}", "has no element 7"),
        ("{{ 1 / 0 }}", "division by zero"),
    ],
)
def test_refused(template: str, problem: str) -> None:
    with pytest.raises(RlxcError, match=f"the chat template failed: .*{problem}"):
        render_chat(template, MESSAGES, {})


ESCAPES = (
    "{{ ''.__class__.__mro__ }}",
    "{{ messages.__init__.__globals__ }}",
    "{{ cycler.__init__.__globals__.os.system('true') }}",
    "{{ raise_exception.__globals__.os }}",
    "{{ self._TemplateReference__context.environment }}",
    "{{ (messages | attr('__class__')).__mro__ }}",
    "{{ '{0.__class__.__mro__}'.format(messages) }}",
    "{% include '/etc/passwd' %}",
    "{% import 'os' as os %}",
    "{{ messages.append(1) }}",
)


@pytest.mark.parametrize("template", ESCAPES)
def test_cannot_escape(template: str) -> None:
    with pytest.raises(RlxcError, match="the chat template failed"):
        render_chat(template, MESSAGES, {})


BOMBS = (
    "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}",
    "{% set ns = namespace(x='aa') %}{% for i in range(80) %}{% set ns.x = ns.x ~ ns.x %}{% endfor %}",
    "{% set ns = namespace(x=['a']) %}{% for i in range(80) %}{% set ns.x = ns.x + ns.x %}{% endfor %}",
    "{% macro f(n) %}{{ f(n) }}{{ f(n) }}{% endmacro %}{{ f(1) }}",
    "{{ 'a' * 10**9 }}",
    "{{ 10**9 * 'a' }}",
    "{{ 2**9**9 }}",
    "{{ 'a'.center(10**9) }}",
    "{{ 'a' | center(1000000000) }}",
    "{{ '%1000000000d' % 1 }}",
    "{{ '%1000000000d' | format(1) }}",
    "{{ '{:1000000000}'.format(1) }}",
    "{{ range(10**9) | list }}",
    "{{ lipsum(n=100000) }}",
    "{{ ('a' * 999999).replace('a', 'b' * 999999) }}",
    "{{ ('a' * 999999) | replace('a', 'b' * 999999) }}",
)


@pytest.mark.parametrize("template", BOMBS)
def test_bounded(template: str) -> None:
    begin = time.perf_counter()
    with pytest.raises(RlxcError, match="the chat template failed"):
        render_chat(template, MESSAGES, {})
    assert time.perf_counter() - begin < 5
