// RUN: rlxc opt %s -p 'convert-rlx-to-kernel{target=avx2}' --split-input-file | filecheck %s

// The weight becomes panels of 24 columns, and the function learns how many threads run it.
// CHECK-LABEL: @projection
// CHECK-SAME: %num_threads: index {rlx.name = "num_threads", rlx.num_threads}
// CHECK-SAME: %w: tensor<3x64x24xf32> {rlx.name = "w", rlx.keys = ["w"], rlx.panels = 24 : i64}
// CHECK-SAME: attributes {rlx.kernels = "avx2"}
func.func @projection(%x: tensor<?x?x64xf32> {rlx.name = "x"}, %r: tensor<?x?x70xf32>,
                      %w: tensor<64x70xf32> {rlx.keys = ["w"]}, %b: tensor<70xf32> {rlx.keys = ["b"]}) -> tensor<?x?x70xf32> {
  // CHECK: %init = tensor.empty(%{{.*}}, %{{.*}}) : tensor<?x?x70xf32>
  // CHECK: %[[WORKSPACE:[a-z_0-9]+]] = tensor.empty(%{{.*}}) : tensor<?xf32>
  // CHECK: %y, %{{.*}} = kernel.matmul %x, %w bias(%b) activation(gelu) residual(%r) outs(%init, %[[WORKSPACE]])
  %y = rlx.matmul %x, %w bias(%b) activation(gelu) residual(%r) : tensor<?x?x64xf32>, tensor<64x70xf32>
  func.return %y : tensor<?x?x70xf32>
}

// -----

// Panels of gate and up alternate: two of each, of 40 columns.
// CHECK-LABEL: @gated_projection
// CHECK-SAME: %w: tensor<4x64x24xf32> {rlx.name = "w", rlx.keys = ["gate", "up"], rlx.panels = 24 : i64, rlx.gated}
func.func @gated_projection(%x: tensor<?x?x64xf32> {rlx.name = "x"},
                            %w: tensor<64x80xf32> {rlx.keys = ["gate", "up"]}) -> tensor<?x?x40xf32> {
  // CHECK: %y, %{{.*}} = kernel.matmul %x, %w gated activation(silu) outs(%init, %{{.*}})
  // CHECK-SAME: : tensor<?x?x64xf32>, tensor<4x64x24xf32>, tensor<?x?x40xf32>
  %y = rlx.glu_matmul %x, %w activation(silu) : tensor<?x?x64xf32>, tensor<64x80xf32> -> tensor<?x?x40xf32>
  func.return %y : tensor<?x?x40xf32>
}

// -----

// No packing serves both a projection and a gated one.
// CHECK-LABEL: @weight_of_two_kinds
// CHECK-SAME: %w: tensor<64x64xf32> {rlx.name = "w", rlx.keys = ["w"]}
func.func @weight_of_two_kinds(%x: tensor<?x?x64xf32>, %w: tensor<64x64xf32> {rlx.keys = ["w"]})
    -> (tensor<?x?x64xf32>, tensor<?x?x32xf32>) {
  // CHECK: rlx.matmul %x, %w
  %y = rlx.matmul %x, %w : tensor<?x?x64xf32>, tensor<64x64xf32>
  // CHECK: rlx.glu_matmul %x, %w
  %z = rlx.glu_matmul %x, %w activation(silu) : tensor<?x?x64xf32>, tensor<64x64xf32> -> tensor<?x?x32xf32>
  func.return %y, %z : tensor<?x?x64xf32>, tensor<?x?x32xf32>
}

// -----

// What is left to defaults in the attention is written out.
// CHECK-LABEL: @attention
func.func @attention(%q: tensor<?x?x64xf32> {rlx.dims = ["B", "S"]}, %k: tensor<?x?x16xf32> {rlx.dims = ["B", "S"]},
                     %cos: tensor<128x4xf32>, %sin: tensor<128x4xf32>) -> tensor<?x?x64xf32> {
  // CHECK: cf.assert %{{.*}}, "rlx.attention{{.*}}k has more positions than the rope tables hold (128)
  // CHECK: kernel.attention %q, %k, %k rope(%cos, %sin) style(half) mask(causal) kv_length(%{{.*}}) query_offset(%{{.*}}) outs
  // CHECK-SAME: {num_heads = 4 : i64, num_kv_heads = 1 : i64, head_dim = 16 : i64, scale = 2.500000e-01 : f64, n_rot = 8 : i64}
  %a = rlx.attention %q, %k, %k rope(%cos, %sin) mask(causal) {num_heads = 4, num_kv_heads = 1, head_dim = 16, n_rot = 8}
     : tensor<?x?x64xf32>, tensor<?x?x16xf32>
  func.return %a : tensor<?x?x64xf32>
}

// -----

// A weight that something else reads stays as it is, and so does its projection.
// CHECK-LABEL: @weight_with_another_user
// CHECK-SAME: %w: tensor<64x64xf32> {rlx.name = "w", rlx.keys = ["w"]}
func.func @weight_with_another_user(%x: tensor<?x?x64xf32>, %w: tensor<64x64xf32> {rlx.keys = ["w"]})
    -> (tensor<?x?x64xf32>, tensor<64x64xf32>) {
  // CHECK: rlx.matmul %x, %w
  %y = rlx.matmul %x, %w : tensor<?x?x64xf32>, tensor<64x64xf32>
  %z = arith.addf %w, %w : tensor<64x64xf32>
  func.return %y, %z : tensor<?x?x64xf32>, tensor<64x64xf32>
}

// -----

// A product of two inputs has no weight to pack.
// CHECK-LABEL: @product_of_inputs
func.func @product_of_inputs(%x: tensor<?x?x64xf32>, %w: tensor<64x64xf32>) -> tensor<?x?x64xf32> {
  // CHECK: rlx.matmul %x, %w
  %y = rlx.matmul %x, %w : tensor<?x?x64xf32>, tensor<64x64xf32>
  func.return %y : tensor<?x?x64xf32>
}

// -----

// Kernels are for float32.
// CHECK-LABEL: @double_precision
func.func @double_precision(%x: tensor<?x?x64xf64>, %w: tensor<64x64xf64> {rlx.keys = ["w"]}) -> tensor<?x?x64xf64> {
  // CHECK: rlx.matmul %x, %w
  %y = rlx.matmul %x, %w : tensor<?x?x64xf64>, tensor<64x64xf64>
  // CHECK: rlx.attention %y, %y, %y
  %a = rlx.attention %y, %y, %y {num_heads = 4, num_kv_heads = 4, head_dim = 16} : tensor<?x?x64xf64>, tensor<?x?x64xf64>
  func.return %a : tensor<?x?x64xf64>
}
