// RUN: xdsl-opt -p rlx-params-to-args,convert-rlx-to-linalg,canonicalize,cse -t rlx-numpy %s | filecheck %s

// The module: NumPy, what it brings along, the parameters, the private functions, the entry function.
// CHECK:      import numpy as np
// CHECK:      def stored(weights, shape, dtype, *keys, axis=-1):
// CHECK:      def load(weights):
// CHECK-NEXT:     """The parameters of `mlp`, from a mapping of checkpoint keys to arrays."""
// CHECK-NEXT:     return {
// CHECK-NEXT:         "gamma": stored(weights, (32,), np.float32, "norm.weight"),
// CHECK-NEXT:         "gate_up": stored(weights, (128, 32), np.float32, "gate.weight", "up.weight", axis=0).T,
// CHECK-NEXT:         "down": stored(weights, (64, 32), np.float32, "down"),
// CHECK-NEXT:     }

// CHECK:      def shifted(x, y):
// CHECK-NEXT:     """x [B, 32], y [B, 32] -> [B, 32]."""
// CHECK:          # %z = arith.addf %x, %y
// CHECK-NEXT:     z = x + y
// CHECK-NEXT:     return z
func.func private @shifted(
  %x: tensor<?x32xf32> {rlx.dims = ["B"]}, %y: tensor<?x32xf32> {rlx.dims = ["B"]}
) -> tensor<?x32xf32> {
  %z = arith.addf %x, %y : tensor<?x32xf32>
  func.return %z : tensor<?x32xf32>
}

// CHECK:      @np.errstate(over="ignore")
// CHECK-NEXT: def mlp(x, pad, params):
// CHECK-NEXT:     """x [B, S, 32], pad [B, S] -> [B, S, 32], [B, S]."""
// CHECK-NEXT:     B, S = x.shape[:2]
// CHECK-NEXT:     if pad.shape[0] != B:
// CHECK-NEXT:         raise ValueError("inputs x and pad differ in dimension 'B'")
// CHECK-NEXT:     if pad.shape[1] != S:
// CHECK-NEXT:         raise ValueError("inputs x and pad differ in dimension 'S'")
// CHECK-EMPTY:
// CHECK-NEXT:     # %h = rlx.rms_norm %x gamma(%gamma) {eps = 1e-06, offset = 1}
// CHECK-NEXT:     rms = np.sqrt(np.mean(x * x, axis=-1) + 1e-06)
// CHECK-NEXT:     h = x / rms[..., None] * (params["gamma"] + 1.0)
// CHECK-EMPTY:
// CHECK-NEXT:     # %merged = rlx.matmul %h, %gate_up
// CHECK-NEXT:     merged = h @ params["gate_up"]
// CHECK-EMPTY:
// CHECK-NEXT:     # %gate, %up = rlx.split %merged sizes [64, 64]
// CHECK-NEXT:     gate = merged[..., :64]
// CHECK-NEXT:     up = merged[..., 64:]
// CHECK-EMPTY:
// CHECK-NEXT:     # %act = rlx.glu %gate, %up activation(silu)
// CHECK-NEXT:     act = gate / (np.exp(-gate) + 1.0) * up
// CHECK-NEXT:     # %out = rlx.matmul %act, %down residual(%x)
// CHECK-NEXT:     out = act @ params["down"] + x
// CHECK-NEXT:     # %some = arith.andi %pad, %pad
// CHECK-NEXT:     some = pad & pad
// CHECK-NEXT:     return out, some
func.func @mlp(
  %x: tensor<?x?x32xf32> {rlx.dims = ["B", "S"]}, %pad: tensor<?x?xi1> {rlx.dims = ["B", "S"]}
) -> (tensor<?x?x32xf32>, tensor<?x?xi1>) {
  %gamma = rlx.param "norm.weight" : tensor<32xf32>
  %gate_up = rlx.param "gate.weight", "up.weight" transposed : tensor<32x128xf32>
  %down = rlx.param "down" : tensor<64x32xf32>
  %h = rlx.rms_norm %x gamma(%gamma) {eps = 1.0e-6 : f64, offset = 1.0 : f64} : tensor<?x?x32xf32>
  %merged = rlx.matmul %h, %gate_up : tensor<?x?x32xf32>, tensor<32x128xf32>
  %gate, %up = rlx.split %merged sizes [64, 64] : tensor<?x?x128xf32> -> tensor<?x?x64xf32>, tensor<?x?x64xf32>
  %act = rlx.glu %gate, %up activation(silu) : tensor<?x?x64xf32>
  %out = rlx.matmul %act, %down residual(%x) : tensor<?x?x64xf32>, tensor<64x32xf32>
  %some = arith.andi %pad, %pad : tensor<?x?xi1>
  func.return %out, %some : tensor<?x?x32xf32>, tensor<?x?xi1>
}
