"""Functions that printed modules bring along, each only where it is needed."""

from __future__ import annotations

from collections.abc import Collection

STORED = '''\
def stored(weights, shape, dtype, *keys, axis=-1):
    """The arrays under `keys`, joined along `axis`; `shape` is what they must give."""
    arrays = [np.asarray(weights[key], dtype) for key in keys]
    array = arrays[0] if len(arrays) == 1 else np.concatenate(arrays, axis)
    if array.shape != shape:
        raise ValueError(f"{', '.join(keys)}: expected shape {shape}, found {array.shape}")
    return array
'''

ROPE_TABLE = '''\
def rope_table(function, theta, positions, pairs, dtype):
    """`function(p * theta ** (-i / pairs))` for position p and pair i, computed in float64."""
    frequency = theta ** (-np.arange(pairs, dtype=np.float64) / pairs)
    return function(np.arange(positions, dtype=np.float64)[:, None] * frequency).astype(dtype)
'''

CHECKED = '''\
def checked(array, digest):
    """The array, if its content is the one that the program was made for."""
    stored = np.ascontiguousarray(array, array.dtype.newbyteorder("<"))
    found = blake2b(f"{stored.dtype.str}{stored.shape}".encode(), digest_size=16)
    found.update(stored)
    if digest != f"blake2b:{found.hexdigest()}":
        raise ValueError(f"a weight has another content than this program was made for: {digest}")
    return array
'''

POLYNOMIAL = '''\
def polynomial(coefficients, x):
    """The polynomial with these coefficients, the one of the highest power first."""
    y = np.full_like(x, coefficients[0])
    for coefficient in coefficients[1:]:
        y *= x
        y += coefficient
    return y
'''

ERF = '''\
def erf(x):
    """The error function, as `y * p(y * y) / q(y * y)` in float64, right to within 1e-7 of itself."""
    p = (
        -1.32020225715e-08,
        4.68473346826e-06,
        0.000379607553173,
        0.00384962074985,
        0.0543169204586,
        0.185203552265,
        1.12837916937,
    )
    q = (
        6.31101679707e-05,
        0.00130757001884,
        0.0154621034772,
        0.113958522007,
        0.497465788506,
        1.0,
    )
    result = np.empty(x.shape, x.dtype)
    source, target = x.reshape(-1), result.reshape(-1)
    for start in range(0, x.size, 16384):
        block = slice(start, start + 16384)
        y = np.clip(source[block], -4.0, 4.0).astype(np.float64)
        square = y * y
        target[block] = y * polynomial(p, square) / polynomial(q, square)
    return result
'''

ERF64 = '''\
def erf64(x):
    """The error function in float64, by the rational approximations of W. J. Cody (1969)."""
    near_p = (
        1.85777706184603153e-1,
        3.16112374387056560e0,
        1.13864154151050156e2,
        3.77485237685302021e2,
        3.20937758913846947e3,
    )
    near_q = (
        1.0,
        2.36012909523441209e1,
        2.44024637934444173e2,
        1.28261652607737228e3,
        2.84423683343917062e3,
    )
    far_p = (
        2.15311535474403846e-8,
        5.64188496988670089e-1,
        8.88314979438837594e0,
        6.61191906371416295e1,
        2.98635138197400131e2,
        8.81952221241769090e2,
        1.71204761263407058e3,
        2.05107837782607147e3,
        1.23033935479799725e3,
    )
    far_q = (
        1.0,
        1.57449261107098347e1,
        1.17693950891312499e2,
        5.37181101862009858e2,
        1.62138957456669019e3,
        3.29079923573345963e3,
        4.36261909014324716e3,
        3.43936767414372164e3,
        1.23033935480374942e3,
    )
    result = np.empty(x.shape)
    source, target = x.reshape(-1), result.reshape(-1)
    for start in range(0, x.size, 16384):
        block = slice(start, start + 16384)
        y = np.minimum(np.abs(source[block]), 6.0)
        square = y * y
        near = y * polynomial(near_p, square) / polynomial(near_q, square)
        far = 1.0 - np.exp(-square) * polynomial(far_p, y) / polynomial(far_q, y)
        target[block] = np.copysign(np.where(y < 0.46875, near, far), source[block])
    return result
'''

SILU = '''\
@np.errstate(over="ignore")
def silu(x):
    """`x` times its logistic function."""
    return x / (np.exp(-x) + 1.0)
'''

GELU = '''\
def gelu(x):
    """`x` times the normal distribution function."""
    return x * 0.5 * (erf(x * 0.7071067811865476) + 1.0)
'''

GELU64 = '''\
def gelu64(x):
    """`x` times the normal distribution function, in float64."""
    return x * 0.5 * (erf64(x * 0.7071067811865476) + 1.0)
'''

GELU_TANH = '''\
def gelu_tanh(x):
    """`x` times the normal distribution function, approximately."""
    return x * 0.5 * (np.tanh(0.7978845608028654 * (x + 0.044715 * x * x * x)) + 1.0)
'''

RELU = '''\
def relu(x):
    """`x` where it is positive."""
    return np.maximum(x, 0.0)
'''

TOP_EXPERTS = '''\
def top_experts(logits, top_k, renormalize=False):
    """The softmax over the experts, without those that are not among the `top_k` largest of their row."""
    weights = np.exp(logits - np.max(logits, axis=-1, keepdims=True))
    others = np.argsort(-logits, axis=-1, kind="stable")[..., top_k:]
    gates = weights.copy()
    np.put_along_axis(gates, others, 0.0, axis=-1)
    return gates / np.sum(gates if renormalize else weights, axis=-1, keepdims=True)
'''

MIXTURE = '''\
def mixture(x, gates, gate_up, down, activation):
    """The sum of `gates[..., e]` times what expert e makes of `x`, computed for the rows that chose it."""
    result, experts = np.zeros_like(x), gates.shape[-1]
    gate_ups, downs = np.split(gate_up, experts, axis=1), np.split(down, experts, axis=1)
    for expert in np.flatnonzero(np.any(gates, axis=(0, 1))):
        rows = np.nonzero(gates[..., expert])
        gate, up = np.split(x[rows] @ gate_ups[expert], 2, axis=1)
        result[rows] += gates[..., expert][rows][:, None] * (activation(gate) * up @ downs[expert])
    return result
'''

HELPERS = {
    "stored": STORED,
    "checked": CHECKED,
    "rope_table": ROPE_TABLE,
    "polynomial": POLYNOMIAL,
    "erf": ERF,
    "erf64": ERF64,
    "silu": SILU,
    "gelu": GELU,
    "gelu64": GELU64,
    "gelu_tanh": GELU_TANH,
    "relu": RELU,
    "top_experts": TOP_EXPERTS,
    "mixture": MIXTURE,
}
"""The text of each helper, by name, in the order in which they are printed."""

NEEDED_BY = {"polynomial": {"erf", "erf64", "gelu", "gelu64"}, "erf": {"gelu"}, "erf64": {"gelu64"}}
"""The helpers that call a helper, or one that does."""

IMPORTS = {"checked": "from hashlib import blake2b"}
"""What a helper needs of the standard library."""


def helper_texts(used: Collection[str]) -> list[str]:
    """The texts of the helpers in use, and of those that they call."""
    return [text for name, text in HELPERS.items() if name in used or NEEDED_BY.get(name, set()) & set(used)]


def import_lines(used: Collection[str]) -> list[str]:
    """The imports of a module that uses these helpers."""
    standard = [IMPORTS[name] for name in IMPORTS if name in used]
    return [*standard, *([""] if standard else []), "import numpy as np"]
