"""Tensors of GGUF files: every quantization, names, permutations, and damage."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from gguf import GGMLQuantizationType, GGUFWriter
from gguf.quants import quantize
from numpy.typing import NDArray

from rlxc import RlxcError
from rlxc.weights import open_weights

Array = NDArray[Any]

DATA = Path(__file__).parents[1] / "data" / "gguf"
TYPES = sorted({key.split("/")[0] for key in np.load(DATA / "dequant.npz") if "/" in key})
rng = np.random.default_rng(3)


def write(
    path: Path, arrays: dict[str, Array], architecture: str = "llama", kind: str | None = None, **metadata: Any
) -> Path:
    """A GGUF file; `kind` is the ggml type of all arrays if they hold raw bytes."""
    writer = GGUFWriter(path, architecture)
    for key, value in metadata.items():
        add: Any = writer.add_uint32 if isinstance(value, int) else writer.add_array
        add(f"{architecture}.attention.{key}", value)
    for name, array in arrays.items():
        raw_dtype = None if kind is None else GGMLQuantizationType[kind]
        writer.add_tensor(name, array, raw_dtype=raw_dtype)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


@pytest.mark.parametrize("kind", TYPES)
def test_dequantized_exactly(tmp_path: Path, kind: str) -> None:
    with np.load(DATA / "dequant.npz") as expected:
        raw, values = expected[f"{kind}/raw"], expected[f"{kind}/f32"]
    source = open_weights(write(tmp_path / "a.gguf", {"w": raw}, kind=kind))
    assert source.shape("w") == values.shape
    assert source.get("w").dtype == np.float32
    assert np.array_equal(source.get("w"), values)


@pytest.mark.parametrize("dtype", [np.float32, np.float16, np.float64, np.int8, np.int16, np.int32, np.int64])
def test_plain_types(tmp_path: Path, dtype: type[np.generic]) -> None:
    array = np.arange(24).reshape(2, 3, 4).astype(dtype)
    stored = open_weights(write(tmp_path / "a.gguf", {"w": array})).get("w")
    assert stored.dtype == (np.float32 if dtype is np.float16 else dtype)
    assert np.array_equal(stored, array)


def permuted(w: Array, heads: int) -> Array:
    """What llama.cpp's converter does to the rows of q and k."""
    return w.reshape(heads, 2, len(w) // heads // 2, *w.shape[1:]).swapaxes(1, 2).reshape(w.shape)


def llama_layer() -> dict[str, Array]:
    shapes = {
        "attn_q": (16, 6),
        "attn_k": (8, 6),
        "attn_v": (8, 6),
        "attn_norm": (6,),
        "ffn_norm": (6,),
        "ffn_up": (5, 6),
    }
    return {f"blk.1.{name}.weight": rng.standard_normal(shape).astype(np.float32) for name, shape in shapes.items()}


@pytest.mark.parametrize("kv_heads", [2, [4, 2]])
def test_llama_under_hugging_face_names(tmp_path: Path, kv_heads: int | list[int]) -> None:
    arrays = llama_layer()
    bias = rng.standard_normal(16).astype(np.float32)
    stored = {
        **arrays,
        "blk.1.attn_q.weight": permuted(arrays["blk.1.attn_q.weight"], 4),
        "blk.1.attn_k.weight": permuted(arrays["blk.1.attn_k.weight"], 2),
        "blk.1.attn_q.bias": permuted(bias, 4),
    }
    source = open_weights(write(tmp_path / "a.gguf", stored, head_count=4, head_count_kv=kv_heads))
    for name, array in stored.items():
        assert np.array_equal(source.get(name), array)
    layer = "model.layers.1"
    expected = {
        f"{layer}.self_attn.q_proj.weight": arrays["blk.1.attn_q.weight"],
        f"{layer}.self_attn.q_proj.bias": bias,
        f"{layer}.self_attn.k_proj.weight": arrays["blk.1.attn_k.weight"],
        f"{layer}.self_attn.v_proj.weight": arrays["blk.1.attn_v.weight"],
        f"{layer}.input_layernorm.weight": arrays["blk.1.attn_norm.weight"],
        f"{layer}.post_attention_layernorm.weight": arrays["blk.1.ffn_norm.weight"],
        f"{layer}.mlp.up_proj.weight": arrays["blk.1.ffn_up.weight"],
    }
    assert set(source.keys()) == {*stored, *expected}
    for name, array in expected.items():
        assert source.shape(name) == array.shape
        assert np.array_equal(source.get(name), array)


def test_kv_heads_default_to_heads(tmp_path: Path) -> None:
    k = rng.standard_normal((8, 6)).astype(np.float32)
    source = open_weights(write(tmp_path / "a.gguf", {"blk.0.attn_k.weight": permuted(k, 4)}, head_count=4))
    assert np.array_equal(source.get("model.layers.0.self_attn.k_proj.weight"), k)


@pytest.mark.parametrize("heads", [{}, {"head_count": 3}, {"head_count": [4]}])
def test_llama_without_usable_head_count(tmp_path: Path, heads: dict[str, Any]) -> None:
    source = open_weights(write(tmp_path / "a.gguf", llama_layer(), **heads))
    with pytest.raises(RlxcError, match="attention heads, which do not divide 16 rows of q or k"):
        source.get("model.layers.1.self_attn.q_proj.weight")
    assert source.get("blk.1.attn_q.weight").shape == (16, 6)


@pytest.mark.parametrize("architecture", ["qwen2", "qwen3", "gemma2", "gemma3"])
def test_only_llama_is_permuted(tmp_path: Path, architecture: str) -> None:
    arrays = llama_layer()
    source = open_weights(write(tmp_path / "a.gguf", arrays, architecture))
    assert np.array_equal(source.get("model.layers.1.self_attn.q_proj.weight"), arrays["blk.1.attn_q.weight"])


@pytest.mark.parametrize("architecture", ["gemma2", "gemma3"])
def test_gemma_norms_lose_their_one(tmp_path: Path, architecture: str) -> None:
    norms = {
        f"blk.0.{name}.weight": np.array([1.5, 0.75], np.float32)
        for name in ("attn_norm", "attn_q_norm", "ffn_norm", "post_ffw_norm")
    }
    norms |= {
        "output_norm.weight": np.array([1.5, 0.75], np.float32),
        "token_embd.weight": np.array([[2, 3]], np.float32),
    }
    source = open_weights(write(tmp_path / "a.gguf", norms, architecture))
    layer_norms = ("input_layernorm", "self_attn.q_norm", "pre_feedforward_layernorm", "post_feedforward_layernorm")
    for name in (*(f"model.layers.0.{norm}.weight" for norm in layer_norms), "model.norm.weight"):
        assert source.get(name).tolist() == [0.5, -0.25]
    assert source.get("model.embed_tokens.weight").tolist() == [[2, 3]]
    assert source.get("blk.0.attn_norm.weight").tolist() == [1.5, 0.75]


def test_phi3_keeps_its_merged_projections(tmp_path: Path) -> None:
    arrays = {"blk.0.attn_qkv.weight": np.ones((8, 4), np.float32), "blk.0.ffn_up.weight": np.ones((6, 4), np.float32)}
    source = open_weights(write(tmp_path / "a.gguf", arrays, "phi3"))
    assert source.shape("model.layers.0.self_attn.qkv_proj.weight") == (8, 4)
    assert source.shape("model.layers.0.mlp.gate_up_proj.weight") == (6, 4)


def test_gptneox_heads_are_interleaved(tmp_path: Path) -> None:
    """The writer moves the rows of q, k and v, which lie head by head, apart."""
    model = rng.standard_normal((12, 4)).astype(np.float32)
    apart = model.reshape(2, 3, 2, 4).swapaxes(0, 1).reshape(12, 4)
    arrays = {"blk.0.attn_qkv.weight": apart, "blk.0.attn_qkv.bias": apart[:, 0].copy()}
    source = open_weights(write(tmp_path / "a.gguf", arrays, "gptneox", head_count=2))
    name = "gpt_neox.layers.0.attention.query_key_value"
    assert np.array_equal(source.get(f"{name}.weight"), model)
    assert np.array_equal(source.get(f"{name}.bias"), model[:, 0])


@pytest.mark.parametrize(
    ("architecture", "name"),
    [("llama", "block_sparse_moe.experts.{}.w2"), ("qwen3moe", "mlp.experts.{}.down_proj")],
)
@pytest.mark.parametrize("kind", ["F32", "Q8_0"])
def test_each_expert_has_its_tensor(tmp_path: Path, architecture: str, name: str, kind: str) -> None:
    stacked = rng.standard_normal((3, 4, 64)).astype(np.float32)
    raw = stacked if kind == "F32" else quantize(stacked, GGMLQuantizationType[kind])
    path = write(tmp_path / "a.gguf", {"blk.2.ffn_down_exps.weight": raw}, architecture, kind)
    source = open_weights(path)
    whole = source.get("blk.2.ffn_down_exps.weight")
    for number in range(3):
        key = f"model.layers.2.{name.format(number)}.weight"
        assert source.shape(key) == (4, 64)
        assert np.array_equal(source.get(key), whole[number])


def test_experts_of_the_oldest_files(tmp_path: Path) -> None:
    source = open_weights(write(tmp_path / "a.gguf", {"blk.0.ffn_up.7.weight": np.ones((2, 4), np.float32)}))
    assert source.shape("model.layers.0.block_sparse_moe.experts.7.w3.weight") == (2, 4)


def test_gate_of_a_shared_expert_is_a_row(tmp_path: Path) -> None:
    source = open_weights(
        write(tmp_path / "a.gguf", {"blk.0.ffn_gate_inp_shexp.weight": np.arange(4, dtype=np.float32)}, "qwen2moe")
    )
    key = "model.layers.0.mlp.shared_expert_gate.weight"
    assert source.shape(key) == (1, 4)
    assert source.get(key).tolist() == [[0, 1, 2, 3]]


def test_names_of_gemma4(tmp_path: Path) -> None:
    names = {
        "blk.0.ffn_down_exps.scale": ("model.layers.0.router.per_expert_scale", (3,)),
        "blk.0.ffn_gate_inp.scale": ("model.layers.0.router.scale", (4,)),
        "blk.0.layer_output_scale.weight": ("model.layers.0.layer_scalar", (1,)),
        "per_layer_token_embd.weight": ("model.embed_tokens_per_layer.weight", (9, 2)),
    }
    arrays = {name: np.ones(shape, np.float32) for name, (_, shape) in names.items()}
    source = open_weights(write(tmp_path / "a.gguf", arrays, "gemma4"))
    assert {key: source.shape(key) for key, _ in names.values()} == dict(names.values())


def test_unknown_architecture_has_its_own_names_alone(tmp_path: Path) -> None:
    source = open_weights(write(tmp_path / "a.gguf", {"blk.0.attn_q.weight": np.ones((4, 4), np.float32)}, "rwkv6"))
    assert set(source.keys()) == {"blk.0.attn_q.weight"}


def test_missing_key(tmp_path: Path) -> None:
    source = open_weights(write(tmp_path / "a.gguf", {"blk.0.attn_v.weight": np.ones((4, 4), np.float32)}))
    with pytest.raises(RlxcError, match=r"did you mean 'model.layers.0.self_attn.v_proj.weight'"):
        source.get("model.layers.0.self_attn.v_prj.weight")


def header(tensors: int = 0, entries: int = 0, version: int = 3, magic: bytes = b"GGUF") -> bytes:
    return magic + struct.pack("<IQQ", version, tensors, entries)


def string(text: str) -> bytes:
    return struct.pack("<Q", len(text)) + text.encode()


def tensor(sizes: tuple[int, ...], kind: int = 0, offset: int = 0, name: str = "w") -> bytes:
    return string(name) + struct.pack(f"<I{len(sizes)}QIQ", len(sizes), *sizes, kind, offset)


BAD: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "cannot mmap an empty file"),
    "another format": (b"PK\x03\x04" + bytes(40), "it does not start with 'GGUF'"),
    "a version of the future": (header(version=9), "its version is 9, expected one of 2, 3"),
    "cut in the counts": (header()[:12], "16 bytes are needed at byte 8, but only 4 are left"),
    "a count of tensors beyond the file": (header(tensors=2**60), "bytes are needed"),
    "a count of metadata beyond the file": (header(entries=2**63), "bytes are needed"),
    "a string beyond the file": (header(entries=1) + struct.pack("<Q", 2**50), "1125899906842624 bytes are needed"),
    "an array beyond the file": (
        header(entries=1) + string("a") + struct.pack("<IIQ", 9, 4, 2**60),
        "4611686018427387904 bytes are needed",
    ),
    "strings beyond the file": (header(entries=1) + string("a") + struct.pack("<IIQ", 9, 8, 2**60), "a string ends"),
    "an unknown metadata type": (header(entries=1) + string("a") + struct.pack("<I", 77), "unknown metadata type 77"),
    "an array of arrays": (header(entries=1) + string("a") + struct.pack("<IIQ", 9, 9, 1), "unknown array type 9"),
    "an alignment that is no power of two": (
        header(entries=1) + string("general.alignment") + struct.pack("<II", 4, 24),
        "'general.alignment' is 24, expected a power of two",
    ),
    "a rank beyond reason": (
        header(tensors=1) + string("w") + struct.pack("<I", 2**30),
        "tensor 'w' has rank 1073741824",
    ),
    "a tensor beyond the file": (
        header(tensors=1) + tensor((2**40, 2**20)) + bytes(64),
        "tensor 'w' ends at byte 4611686018427388000, but the file has 129",
    ),
    "an offset beyond the file": (header(tensors=1) + tensor((4,), offset=4096) + bytes(64), "tensor 'w' ends at byte"),
    "rows that are no whole blocks": (
        header(tensors=1) + tensor((33,), kind=8) + bytes(64),
        "rows of 33, not whole blocks of 32",
    ),
    "overlapping tensors": (
        header(tensors=2) + tensor((8,)) + tensor((8,), offset=16, name="v") + bytes(128),
        "the tensors 'w' and 'v' overlap",
    ),
    "two tensors of one name": (header(tensors=2) + 2 * tensor((1,)) + bytes(64), "two tensors have the same name"),
}


@pytest.mark.parametrize("case", BAD)
def test_damaged_file(tmp_path: Path, case: str) -> None:
    data, problem = BAD[case]
    (tmp_path / "a.gguf").write_bytes(data)
    with pytest.raises(RlxcError, match=f"cannot read weights from '.*a.gguf': .*{problem}") as caught:
        open_weights(tmp_path / "a.gguf")
    assert caught.value.hint is not None


def test_every_cut_is_noticed(tmp_path: Path) -> None:
    """A file that ends anywhere before the last byte of its last tensor does not open."""
    path = write(tmp_path / "a.gguf", {"w": np.ones(8, np.float32)}, head_count=4)
    data = path.read_bytes()
    for size in range(data.rindex(np.float32(1).tobytes()) + 4):
        path.write_bytes(data[:size])
        with pytest.raises(RlxcError, match="cannot read weights"):
            open_weights(path)


@pytest.mark.parametrize("kind", [99, 36])
def test_unsupported_quantization(tmp_path: Path, kind: int) -> None:
    (tmp_path / "a.gguf").write_bytes(header(tensors=1) + tensor((256,), kind=kind) + bytes(4096))
    source = open_weights(tmp_path / "a.gguf")
    with pytest.raises(RlxcError, match=f"tensor 'w' has the unsupported ggml type {kind}"):
        source.get("w")


@pytest.mark.parametrize("end", [50_000, -1])
def test_truncated_model(tmp_path: Path, end: int) -> None:
    (tmp_path / "a.gguf").write_bytes((DATA / "llama_q8_0.gguf").read_bytes()[:end])
    with pytest.raises(RlxcError, match=r"tensor '.*' ends at byte"):
        open_weights(tmp_path / "a.gguf")
