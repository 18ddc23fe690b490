"""The `kernel` dialect: operations that are computed by hand-built vector code, in destination style.

They stand between `rlx` and loops. On tensors, the last operands are overwritten and become the
results; on memrefs they are written, and there are no results.
"""

from xdsl.ir import Dialect

from rlxc.dialects.kernel.attention import KernelAttentionOp
from rlxc.dialects.kernel.base import KernelOperation
from rlxc.dialects.kernel.call import KernelCallOp
from rlxc.dialects.kernel.experts import KernelMoeOp
from rlxc.dialects.kernel.matmul import KernelMatmulOp

KERNEL = Dialect("kernel", [KernelMatmulOp, KernelAttentionOp, KernelMoeOp, KernelCallOp])

__all__ = ["KERNEL", "KernelAttentionOp", "KernelCallOp", "KernelMatmulOp", "KernelMoeOp", "KernelOperation"]
