"""Object code on disk: what is kept, and that no accident to the files does harm."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from xdsl.dialects.builtin import ModuleOp

from rlxc.native import DefaultToolchain, NativeFunction, build_function, emit_object
from rlxc.native.codegen import Target
from rlxc.native.object_cache import VARIABLE, ObjectCache, cache_directory, key_of

CONTENT = bytes(range(256)) * 40
KEY = key_of(["text"])


@pytest.fixture
def cache(tmp_path: Path) -> ObjectCache:
    return ObjectCache(tmp_path / "cache")


def test_what_was_put_is_got(cache: ObjectCache) -> None:
    assert cache.get(KEY) is None
    cache.put(KEY, CONTENT)
    assert cache.get(KEY) == CONTENT
    assert cache.get(key_of(["other"])) is None
    assert cache.directory.stat().st_mode & 0o777 == 0o700


def test_keys_tell_parts_apart() -> None:
    keys = [key_of(parts) for parts in (["ab", "c"], ["a", "bc"], ["abc"], ["abc", ""], ["ä"], [])]
    assert len(set(keys)) == len(keys)


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({VARIABLE: "/a/b", "XDG_CACHE_HOME": "/x", "HOME": "/h"}, "/a/b"),
        ({VARIABLE: "", "XDG_CACHE_HOME": "/x", "HOME": "/h"}, "/x/rlxc"),
        ({VARIABLE: "", "XDG_CACHE_HOME": "relative", "HOME": "/h"}, "/h/.cache/rlxc"),
        ({VARIABLE: "", "XDG_CACHE_HOME": "", "HOME": "/h"}, "/h/.cache/rlxc"),
    ],
)
def test_directory(monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], expected: str) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert cache_directory() == Path(expected)


def test_oldest_entries_make_room(tmp_path: Path) -> None:
    cache = ObjectCache(tmp_path, limit=3 * (len(CONTENT) + 32))
    keys = [key_of([str(number)]) for number in range(4)]
    for age, key in enumerate(keys[:3]):
        cache.put(key, CONTENT)
        os.utime(tmp_path / f"{key}.object", (age, age))
    assert cache.get(keys[0]) == CONTENT, "which is now the last one used"
    cache.put(keys[3], CONTENT)
    assert [cache.get(key) is not None for key in keys] == [True, False, True, True]
    cache.put(KEY, CONTENT * 4)
    assert cache.get(KEY) is None
    assert cache.size() <= cache.limit


def test_what_killed_processes_left_is_removed(cache: ObjectCache) -> None:
    cache.put(KEY, CONTENT)
    old, new = (cache.directory / f".{KEY}.object.{name}.tmp" for name in ("old", "new"))
    for path in (old, new):
        path.write_bytes(b"half")
    os.utime(old, (0, 0))
    cache.put(KEY, CONTENT)
    assert not old.exists()
    assert new.exists()


def test_clear_removes_what_the_cache_wrote_and_nothing_else(cache: ObjectCache) -> None:
    cache.put(KEY, CONTENT)
    mine = cache.directory / "notes.txt"
    mine.write_text("mine")
    assert (len(cache.entries()), cache.size()) == (1, len(CONTENT) + 32)
    cache.clear()
    assert list(cache.directory.iterdir()) == [mine]


def replaced_by_directory(path: Path) -> None:
    path.unlink()
    path.mkdir()


DAMAGES: dict[str, Callable[[Path], object]] = {
    "empty": lambda path: path.write_bytes(b""),
    "truncated": lambda path: path.write_bytes(path.read_bytes()[:-1]),
    "digest alone": lambda path: path.write_bytes(path.read_bytes()[:32]),
    "one bit": lambda path: path.write_bytes(path.read_bytes()[:-1] + bytes([path.read_bytes()[-1] ^ 1])),
    "other content": lambda path: path.write_bytes(path.read_bytes()[:32] + b"code"),
    "gone": lambda path: path.unlink(),
    "a directory": replaced_by_directory,
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_damaged_entry_is_not_there(cache: ObjectCache, damage: str) -> None:
    cache.put(KEY, CONTENT)
    (entry,) = cache.entries()
    DAMAGES[damage](entry)
    assert cache.get(KEY) is None
    cache.put(KEY, CONTENT)
    assert cache.get(KEY) == (None if damage == "a directory" else CONTENT)


def test_full_disk(cache: ObjectCache) -> None:
    """A file may hold 100 bytes, as on a disk that has no more."""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, limits[1]))
    try:
        cache.put(KEY, CONTENT)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert cache.get(KEY) is None
    assert list(cache.directory.iterdir()) == []


@pytest.mark.parametrize("directory", ["/proc/self/fdinfo", "/proc/rlxc", "/dev/null/rlxc", "/dev/null"])
def test_directory_that_cannot_be_written(directory: str) -> None:
    cache = ObjectCache(Path(directory))
    cache.put(KEY, CONTENT)
    assert cache.get(KEY) is None
    assert cache.entries() == []


def test_directory_that_others_may_write_to(cache: ObjectCache) -> None:
    cache.put(KEY, CONTENT)
    cache.directory.chmod(0o777)
    assert cache.problem() == "others may write to it"
    assert cache.get(KEY) is None
    cache.put(key_of(["other"]), CONTENT)
    assert len(cache.entries()) == 1


def test_directory_of_another_user(cache: ObjectCache, monkeypatch: pytest.MonkeyPatch) -> None:
    cache.put(KEY, CONTENT)
    monkeypatch.setattr(os, "getuid", lambda: cache.directory.stat().st_uid + 1)
    assert cache.problem() == "it belongs to another user"
    assert cache.get(KEY) is None


WRITER = """
import sys
from pathlib import Path
from rlxc.native.object_cache import ObjectCache
cache = ObjectCache(Path(sys.argv[1]))
print("ready", flush=True)
while True:
    cache.put(sys.argv[2], bytes(range(256)) * 40_000)
"""


def test_writers_that_are_killed_at_any_moment(cache: ObjectCache) -> None:
    """Two at a time; a reader finds all of the content or nothing."""
    for number in range(6):
        command = [sys.executable, "-c", WRITER, str(cache.directory), KEY]
        writers = [subprocess.Popen(command, stdout=subprocess.PIPE) for _ in range(2)]
        for writer in writers:
            assert writer.stdout is not None
            assert writer.stdout.readline() == b"ready\n"
        end = time.monotonic() + 0.02 + 0.011 * number
        while time.monotonic() < end:
            assert cache.get(KEY) in (None, bytes(range(256)) * 40_000)
        for writer in writers:
            writer.send_signal(signal.SIGKILL)
            writer.communicate()
        assert cache.get(KEY) in (None, bytes(range(256)) * 40_000)
    cache.put(KEY, CONTENT)
    assert cache.get(KEY) == CONTENT


@dataclass(frozen=True)
class Idle(DefaultToolchain):
    """A toolchain that is known as the default one, and must not be needed."""

    def identity(self) -> str:
        return DefaultToolchain().identity()

    def lower(self, mlir_text: str) -> str:
        raise AssertionError(f"compiled again: {mlir_text}")


@pytest.fixture
def module(
    parse: Callable[[str], ModuleOp], affine_text: Callable[[str], str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> ModuleOp:
    """A module, and a cache in which it is not."""
    monkeypatch.setenv(VARIABLE, str(tmp_path / "cache"))
    return parse(affine_text("mirrored"))


def works(function: NativeFunction) -> bool:
    x = np.arange(5, dtype=np.float32)
    return all(np.array_equal(function([x, 2.0, False], [], threads)[0], 2 * x) for threads in (1, 2))


def test_second_compile_comes_from_the_cache(module: ModuleOp) -> None:
    assert works(build_function(module))
    assert works(build_function(module, Idle()))


@pytest.mark.parametrize("damage", DAMAGES)
def test_damage_costs_a_compile(module: ModuleOp, damage: str, tmp_path: Path) -> None:
    build_function(module)
    (entry,) = ObjectCache(tmp_path / "cache").entries()
    DAMAGES[damage](entry)
    with pytest.raises(AssertionError, match="compiled again"):
        build_function(module, Idle())
    assert works(build_function(module))


@pytest.mark.parametrize("directory", ["/proc/rlxc", "/dev/null"])
def test_no_cache_costs_a_compile(module: ModuleOp, directory: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, directory)
    assert works(build_function(module))


def test_other_options_and_machines_have_other_entries(affine_text: Callable[[str], str], module: ModuleOp) -> None:
    text = affine_text("mirrored")
    machines = [Target("x86_64-unknown-linux-gnu", cpu) for cpu in ("x86-64", "x86-64-v3")]
    objects = [emit_object(text, machine) for machine in machines]
    objects.append(emit_object(text, machines[0], DefaultToolchain(optimization_level=0)))
    objects.append(emit_object(text, Target("x86_64-unknown-linux-gnu", "x86-64", "+avx2")))
    assert len(set(objects)) >= 3
    assert objects == [
        emit_object(text, machines[0]),
        emit_object(text, machines[1]),
        emit_object(text, machines[0], DefaultToolchain(optimization_level=0)),
        emit_object(text, Target("x86_64-unknown-linux-gnu", "x86-64", "+avx2")),
    ]


RELOAD = """
import sys
from xdsl.context import Context
from xdsl.dialects import get_all_dialects
from xdsl.parser import Parser
from rlxc.native import build_function

context = Context()
for name, dialect in get_all_dialects().items():
    context.register_dialect(name, dialect)
module = Parser(context, open(sys.argv[1]).read()).parse_module()
started = []
processes = ("subprocess.Popen", "os.posix_spawn", "os.fork")
sys.addaudithook(lambda event, _: started.append(event) if event in processes else None)
build_function(module)
print(started, any(name.split(".")[0] == "mlir" for name in sys.modules))
"""


def test_hit_starts_no_process_and_imports_no_mlir(module: ModuleOp, tmp_path: Path) -> None:
    build_function(module)
    source = tmp_path / "module.mlir"
    source.write_text(str(module))
    command = [sys.executable, "-c", RELOAD, str(source)]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout == "[] False\n"
