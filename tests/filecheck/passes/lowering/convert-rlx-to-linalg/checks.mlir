// RUN: rlxc opt -p convert-rlx-to-linalg %s | filecheck %s
// RUN: xdsl-opt -p convert-rlx-to-linalg %s | mlir-opt

// Checks come first, each once, even if several operations need it.
// CHECK-LABEL: func.func @first_and_once
// CHECK:         %[[FITS:.*]] = arith.cmpi sle, %S, %c64 : index
// CHECK-NEXT:    cf.assert %[[FITS]], "rlx.rope at {{.*}}:{{[0-9]+}}:3: x has more positions than the rope tables hold (64)"
// CHECK-NOT:     cf.assert
// CHECK:         linalg.generic
func.func @first_and_once(%x: tensor<1x?x16xf32> {rlx.dims = ["S"]}, %w: tensor<16x16xf32>, %cos: tensor<64x4xf32>, %sin: tensor<64x4xf32>)
    -> (tensor<1x?x16xf32>, tensor<1x?x16xf32>) {
  %m = rlx.matmul %x, %w : tensor<1x?x16xf32>, tensor<16x16xf32>
  %q = rlx.rope %m, %cos, %sin {head_dim = 8, n_rot = 8} : tensor<1x?x16xf32>
  %k = rlx.rope %x, %cos, %sin {head_dim = 8, n_rot = 8} : tensor<1x?x16xf32>
  func.return %q, %k : tensor<1x?x16xf32>, tensor<1x?x16xf32>
}

// CHECK-LABEL: func.func @static_truths
// CHECK-NOT:     cf.assert
func.func @static_truths(%x: tensor<1x4x16xf32>, %cache: tensor<1x8x16xf32>, %cos: tensor<64x4xf32>, %sin: tensor<64x4xf32>)
    -> tensor<1x4x16xf32> {
  %c4 = arith.constant 4 : index
  %c8 = arith.constant 8 : index
  %r = rlx.rope %x, %cos, %sin position(%c4) {head_dim = 8, n_rot = 8} : tensor<1x4x16xf32>
  %k = rlx.kv_append %cache, %r position(%c4) : tensor<1x8x16xf32>, tensor<1x4x16xf32>
  %o = rlx.attention %r, %k, %k mask(causal) kv_length(%c8) query_offset(%c4) {num_heads = 2, num_kv_heads = 2, head_dim = 8}
    : tensor<1x4x16xf32>, tensor<1x8x16xf32>
  func.return %o : tensor<1x4x16xf32>
}

// CHECK-LABEL: func.func @operands_agree
// CHECK:         cf.assert %{{.*}}, "rlx.attention at {{.*}}: q and padding differ in 'batch'"
// CHECK:         cf.assert %{{.*}}, "rlx.attention at {{.*}}: k and padding differ in 'kv_len'"
// CHECK-NOT:     cf.assert
func.func @operands_agree(%x: tensor<?x?x16xf32>, %pad: tensor<?x?xi1>) -> tensor<?x?x16xf32> {
  %o = rlx.attention %x, %x, %x padding(%pad) {num_heads = 2, num_kv_heads = 2, head_dim = 8}
    : tensor<?x?x16xf32>, tensor<?x?x16xf32>
  func.return %o : tensor<?x?x16xf32>
}

// Declared names are checked once for the whole function, and then trusted.
// CHECK-LABEL: func.func @named_dimensions
// CHECK:         %pad_B = tensor.dim %pad, %c0
// CHECK:         %[[B:.*]] = arith.cmpi eq, %pad_B, %B : index
// CHECK:         cf.assert %[[B]], "inputs x and pad differ in dimension 'B'"
// CHECK:         cf.assert %{{.*}}, "inputs x and pad differ in dimension 'S'"
// CHECK-NOT:     cf.assert
func.func @named_dimensions(%x: tensor<?x?x16xf32> {rlx.dims = ["B", "S"]}, %pad: tensor<?x?xi1> {rlx.dims = ["B", "S"]})
    -> tensor<?x?x16xf32> {
  %o = rlx.attention %x, %x, %x padding(%pad) {num_heads = 2, num_kv_heads = 2, head_dim = 8}
    : tensor<?x?x16xf32>, tensor<?x?x16xf32>
  func.return %o : tensor<?x?x16xf32>
}

// CHECK-LABEL: func.func @added_inputs
// CHECK:         cf.assert %{{.*}}, "arith.addf at {{.*}}: the operands differ in the size of axis 0"
// CHECK-NOT:     cf.assert
func.func @added_inputs(%x: tensor<?x4xf32>, %r: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %y = arith.addf %x, %r : tensor<?x4xf32>
  func.return %y : tensor<?x4xf32>
}
