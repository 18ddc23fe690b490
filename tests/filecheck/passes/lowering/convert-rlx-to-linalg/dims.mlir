// RUN: rlxc opt -p convert-rlx-to-linalg %s | filecheck %s

// The sizes of all intermediate values are those of the argument; they have its names.
// CHECK-LABEL: func.func @traced_to_the_argument
// CHECK:         %B = tensor.dim %x, %c0 : tensor<?x?x32xf32>
// CHECK:         %S = tensor.dim %x, %c1 : tensor<?x?x32xf32>
// CHECK-NOT:     tensor.dim
// CHECK-NOT:     cf.assert
func.func @traced_to_the_argument(%x: tensor<?x?x32xf32> {rlx.dims = ["B", "S"]}, %w: tensor<32x32xf32>, %g: tensor<32xf32>)
    -> tensor<?x?x32xf32> {
  %n = rlx.rms_norm %x gamma(%g) {eps = 1.0e-5 : f64} : tensor<?x?x32xf32>
  %q = rlx.matmul %n, %w : tensor<?x?x32xf32>, tensor<32x32xf32>
  %k, %v = rlx.split %q sizes [16, 16] : tensor<?x?x32xf32> -> tensor<?x?x16xf32>, tensor<?x?x16xf32>
  %o = rlx.attention %q, %k, %v mask(causal) {num_heads = 4, num_kv_heads = 2, head_dim = 8}
    : tensor<?x?x32xf32>, tensor<?x?x16xf32>
  %y = arith.addf %o, %x : tensor<?x?x32xf32>
  func.return %y : tensor<?x?x32xf32>
}

// Upstream operations are looked through as well.
// CHECK-LABEL: func.func @through_upstream_operations
// CHECK-COUNT-1: tensor.dim
// CHECK-NOT:     tensor.dim
// CHECK-NOT:     cf.assert
func.func @through_upstream_operations(%x: tensor<?x4x8xf32>, %row: tensor<4x8xf32>) -> tensor<?x4x8xf32> {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %x, %c0 : tensor<?x4x8xf32>
  %a = tensor.extract_slice %x[0, 0, 0] [%n, 4, 8] [1, 1, 1] : tensor<?x4x8xf32> to tensor<?x4x8xf32>
  %b = tensor.expand_shape %a [[0], [1], [2, 3]] output_shape [%n, 4, 2, 4] : tensor<?x4x8xf32> into tensor<?x4x2x4xf32>
  %c = tensor.collapse_shape %b [[0], [1], [2, 3]] : tensor<?x4x2x4xf32> into tensor<?x4x8xf32>
  %d = tensor.empty(%n) : tensor<?x4x8xf32>
  %e = tensor.insert_slice %c into %d[0, 0, 0] [%n, 4, 8] [1, 1, 1] : tensor<?x4x8xf32> into tensor<?x4x8xf32>
  %f = tensor.extract_slice %e[0, 0, 0] [%n, 2, 8] [1, 1, 1] : tensor<?x4x8xf32> to tensor<?x2x8xf32>
  %g = tensor.concat dim(1) %f, %f : (tensor<?x2x8xf32>, tensor<?x2x8xf32>) -> tensor<?x4x8xf32>
  %h = linalg.broadcast ins(%row : tensor<4x8xf32>) outs(%g : tensor<?x4x8xf32>) dimensions = [0]
  %y = arith.addf %h, %x : tensor<?x4x8xf32>
  func.return %y : tensor<?x4x8xf32>
}

// A size that the type hides is a literal.
// CHECK-LABEL: func.func @hidden_by_a_cast
// CHECK:         %c2 = arith.constant 2 : index
// CHECK:         tensor.empty(%c2) : tensor<?x4x8xf32>
// CHECK-NOT:     tensor.dim
func.func @hidden_by_a_cast(%x: tensor<2x4x8xf32>) -> tensor<?x4x8xf32> {
  %c = tensor.cast %x : tensor<2x4x8xf32> to tensor<?x4x8xf32>
  %y = rlx.softcap %c {cap = 30.0 : f64} : tensor<?x4x8xf32>
  func.return %y : tensor<?x4x8xf32>
}

// What another operation makes has its own sizes.
// CHECK-LABEL: func.func @unknown_producer
// CHECK:         %made = "test.op"
// CHECK:         %made_dim0 = tensor.dim %made
func.func @unknown_producer(%x: tensor<?x4x8xf32>) -> tensor<?x4x8xf32> {
  %made = "test.op"(%x) : (tensor<?x4x8xf32>) -> tensor<?x4x8xf32>
  %y = rlx.softcap %made {cap = 30.0 : f64} : tensor<?x4x8xf32>
  func.return %y : tensor<?x4x8xf32>
}
