"""Shared libraries that are loaded: by what they say of themselves, with one line for what is wrong."""

from __future__ import annotations

import ctypes
import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from xdsl.dialects.builtin import ModuleOp

from rlxc.diagnostics import RlxcError
from rlxc.native import NativeFunction, build_function, emit_shared, host_target, read_signature
from rlxc.native.manifest import FORMAT, Manifest
from rlxc.native.shared_library import SharedLibrary, library_manifest

X = np.linspace(-1, 1, 1001, dtype=np.float32)


@pytest.fixture(scope="session")
def manifest(affine_text: Callable[[str], str], parse: Callable[[str], ModuleOp]) -> Manifest:
    """What the library of `mirrored.mlir` says."""
    signature = read_signature(parse(affine_text("mirrored")))
    return Manifest(signature, host_target(), "scalar", "0.1.0", {"ir": 'text, "quoted", \\ and ü'})


@pytest.fixture
def library(manifest: Manifest, affine_text: Callable[[str], str], tmp_path: Path) -> Path:
    """The library of `mirrored.mlir`, whose threads share the work."""
    path = tmp_path / "layer.so"
    emit_shared(affine_text("mirrored"), path, manifest)
    return path


def loaded(path: Path) -> NativeFunction:
    code = SharedLibrary(path)
    return NativeFunction(library_manifest(path).signature, code, lambda: code)


@pytest.mark.parametrize("num_threads", [1, 2, 5])
def test_numbers(library: Path, mirrored: NativeFunction, num_threads: int) -> None:
    found = loaded(library)([X, 0.5, True], [], num_threads)
    for one, other in zip(found, mirrored([X, 0.5, True], [], num_threads), strict=True):
        np.testing.assert_array_equal(one, other)


def test_the_manifest_is_inside(library: Path, manifest: Manifest) -> None:
    assert library_manifest(library) == manifest
    exported = ctypes.c_char.in_dll(ctypes.CDLL(str(library)), "mirrored_manifest")
    assert json.loads(ctypes.string_at(ctypes.addressof(exported))) == json.loads(manifest.readable())
    library.with_suffix(".json").write_text(manifest.readable())
    assert library_manifest(library) == manifest


def test_a_library_in_the_place_of_another_one(
    library: Path, manifest: Manifest, affine_text: Callable[[str], str], parse: Callable[[str], ModuleOp]
) -> None:
    loaded(library)
    text = affine_text("scalars")
    other = read_signature(parse(text))
    emit_shared(text, library, replace(manifest, signature=other))
    given = [1.5, 2.5, 1, 20, 300, True, np.array(4.0)]
    found, expected = loaded(library)(given, []), build_function(parse(text))(given, [])
    assert [one.tolist() for one in found] == [one.tolist() for one in expected]


def test_through_a_link(library: Path, tmp_path: Path, manifest: Manifest) -> None:
    link = tmp_path / "link.so"
    link.symlink_to(library)
    assert library_manifest(link) == manifest
    loaded(link)


def edited(library: Path, old: str, new: str) -> None:
    """Change the manifest inside a library."""
    data = library.read_bytes()
    assert len(old) == len(new)
    assert data.count(old.encode()) == 1
    library.write_bytes(data.replace(old.encode(), new.encode()))


def test_newer_format(library: Path) -> None:
    edited(library, f'{{"rlxc_library":{FORMAT}', f'{{"rlxc_library":{FORMAT + 1}')
    with pytest.raises(RlxcError, match=r"cannot load '.*': it was made by rlxc 0.1.0 in format 2, this rlxc reads 1"):
        library_manifest(library)


@pytest.mark.parametrize(("old", "new"), [('"signature"', '"sagniture"'), ('"target":{', '"target":!')])
def test_damaged_manifest(library: Path, old: str, new: str) -> None:
    edited(library, old, new)
    with pytest.raises(RlxcError, match="its manifest is damaged"):
        library_manifest(library)


@pytest.mark.parametrize("copy", ["{}", "not JSON", "[]"])
def test_another_manifest_beside_it(library: Path, copy: str) -> None:
    library.with_suffix(".json").write_text(copy)
    with pytest.raises(RlxcError, match=r"'.*layer.json' is not the manifest of '.*layer.so'"):
        library_manifest(library)


@pytest.mark.parametrize(
    ("target", "problem"),
    [
        ({"triple": "riscv64-unknown-linux-gnu"}, "it was made for riscv64, but this machine is"),
        ({"cpu": "future", "features": "+sse2,+neon,+avx512fp16,+sve2"}, "it was made for future, and this CPU lacks"),
    ],
)
def test_another_machine(library: Path, manifest: Manifest, target: dict[str, str], problem: str) -> None:
    other = replace(manifest, target=replace(manifest.target, **target))
    old, new = manifest.text().encode(), other.text().encode()
    library.write_bytes(library.read_bytes().replace(old, b" " * len(old)) + new + b"\0")
    with pytest.raises(RlxcError, match=problem):
        library_manifest(library)


def test_no_library(library: Path, tmp_path: Path) -> None:
    whole = library.read_bytes()
    files = {
        "text.so": (b"builtin.module {}", "it is not a shared library"),
        "empty.so": (b"", "it is not a shared library"),
        "short.so": (whole[:50], "it is incomplete"),
        "cut.so": (whole[:-100], "it is incomplete"),
        "other.so": (whole.replace(b'{"rlxc_library":', b'{"rlxc_librarx":'), "it was not made by rlxc"),
    }
    for name, (data, problem) in files.items():
        (tmp_path / name).write_bytes(data)
        with pytest.raises(RlxcError, match=f"cannot load '.*{name}': {problem}"):
            library_manifest(tmp_path / name)


def test_no_file(tmp_path: Path) -> None:
    (tmp_path / "loop.so").symlink_to(tmp_path / "loop.so")
    for name, problem in {
        "none.so": "there is no such file",
        ".": "it is a directory",
        "loop.so": "no such file",
    }.items():
        with pytest.raises(RlxcError, match=f"cannot load .*{problem}"):
            library_manifest(tmp_path / name)


def test_code_that_is_missing(library: Path, affine_text: Callable[[str], str], tmp_path: Path) -> None:
    other = tmp_path / "gated.so"
    emit_shared(affine_text("gated_linear"), other)
    with pytest.raises(RlxcError, match=r"cannot load '.*gated.so': it has no function '_mlir_ciface_mirrored"):
        NativeFunction(library_manifest(library).signature, SharedLibrary(other))
    shutil.copy(library, other)
    data = bytearray(other.read_bytes())
    data[18] = 0x28  # The number of another processor.
    other.write_bytes(data)
    with pytest.raises(RlxcError, match=r"cannot load '.*gated.so': "):
        SharedLibrary(other)
