// RUN: rlxc opt -p rlx-share-functions --split-input-file %s | filecheck %s
// RUN: rlxc opt -p rlx-share-functions --split-input-file --remarks %s 2>&1 | filecheck %s --check-prefix=REMARKS

// Three layers, and what they call, are one each. Another scope comes first.
// CHECK-LABEL: func.func @equal(
// CHECK-NEXT:    %a = func.call @layer_0(%x) {rlx.scope = "model.layers.0."}
// CHECK-NEXT:    %b = func.call @layer_0(%a) {rlx.scope = "model.layers.1."}
// CHECK-NEXT:    %c = func.call @layer_0(%b) {rlx.scope = "draft.model.layers.1."}
// CHECK-LABEL: func.func private @layer_0(
// CHECK-NEXT:    %w = rlx.param "attn.w" : tensor<4x4xf32>
// CHECK:         func.call @mlp_0(%y) {rlx.scope = "mlp."}
// CHECK-LABEL: func.func private @mlp_0(
// CHECK-NEXT:    rlx.param "gate", "up"
// CHECK-NEXT:    rlx.param "down"
// CHECK-NOT:     func.func

// REMARKS-DAG: [rlx-share-functions] fused: 2 functions are one: @mlp_1
// REMARKS-DAG: [rlx-share-functions] fused: 2 functions are one: @layer_1
func.func @equal(%x: tensor<?x?x4xf32>) -> tensor<?x?x4xf32> {
  %a = func.call @layer_0(%x) : (tensor<?x?x4xf32>) -> tensor<?x?x4xf32>
  %b = func.call @layer_1(%a) : (tensor<?x?x4xf32>) -> tensor<?x?x4xf32>
  %c = func.call @layer_1(%b) {rlx.scope = "draft."} : (tensor<?x?x4xf32>) -> tensor<?x?x4xf32>
  func.return %c : tensor<?x?x4xf32>
}
func.func private @layer_0(%h: tensor<?x?x4xf32>) -> tensor<?x?x4xf32> {
  %w = rlx.param "model.layers.0.attn.w" : tensor<4x4xf32>
  %y = rlx.matmul %h, %w : tensor<?x?x4xf32>, tensor<4x4xf32>
  %z = func.call @mlp_0(%y) : (tensor<?x?x4xf32>) -> tensor<?x?x4xf32>
  func.return %z : tensor<?x?x4xf32>
}
func.func private @layer_1(%r: tensor<?x?x4xf32>) -> tensor<?x?x4xf32> {
  %v = rlx.param "model.layers.1.attn.w" : tensor<4x4xf32>
  %y = rlx.matmul %r, %v : tensor<?x?x4xf32>, tensor<4x4xf32>
  %z = func.call @mlp_1(%y) : (tensor<?x?x4xf32>) -> tensor<?x?x4xf32>
  func.return %z : tensor<?x?x4xf32>
}
func.func private @mlp_0(%h: tensor<?x?x4xf32>) -> tensor<?x?x4xf32> {
  %w = rlx.param "model.layers.0.mlp.gate", "model.layers.0.mlp.up" : tensor<4x8xf32>
  %d = rlx.param "model.layers.0.mlp.down" : tensor<8x4xf32>
  %y = rlx.matmul %h, %w : tensor<?x?x4xf32>, tensor<4x8xf32>
  %z = rlx.matmul %y, %d : tensor<?x?x8xf32>, tensor<8x4xf32>
  func.return %z : tensor<?x?x4xf32>
}
func.func private @mlp_1(%h: tensor<?x?x4xf32>) -> tensor<?x?x4xf32> {
  %w = rlx.param "model.layers.1.mlp.gate", "model.layers.1.mlp.up" : tensor<4x8xf32>
  %d = rlx.param "model.layers.1.mlp.down" : tensor<8x4xf32>
  %y = rlx.matmul %h, %w : tensor<?x?x4xf32>, tensor<4x8xf32>
  %z = rlx.matmul %y, %d : tensor<?x?x8xf32>, tensor<8x4xf32>
  func.return %z : tensor<?x?x4xf32>
}

// -----

// Another number, other keys, a digest, and other operands keep functions apart.
// CHECK-LABEL: func.func private @soft(
// CHECK-LABEL: func.func private @softer(
// CHECK-LABEL: func.func private @own_key(
// CHECK-LABEL: func.func private @other_key(
// CHECK-LABEL: func.func private @digest_0(
// CHECK-LABEL: func.func private @digest_1(
// CHECK-LABEL: func.func private @difference(
// CHECK-LABEL: func.func private @other_difference(

// REMARKS-DAG: missed: differs from @soft in 'cap' of rlx.softcap: 3.000000e+01 : f64 and 5.000000e+01 : f64
// REMARKS-DAG: missed: differs from @own_key in the keys of its weights
// REMARKS-DAG: missed: a weight has a digest, so that @own_key is that of another layer
// REMARKS-DAG: missed: differs from @difference in how its operations are connected
func.func private @soft(%h: tensor<?x?x4xf32>) -> tensor<?x?x4xf32> {
  %y = rlx.softcap %h {cap = 30.0 : f64} : tensor<?x?x4xf32>
  func.return %y : tensor<?x?x4xf32>
}
func.func private @softer(%h: tensor<?x?x4xf32>) -> tensor<?x?x4xf32> {
  %y = rlx.softcap %h {cap = 50.0 : f64} : tensor<?x?x4xf32>
  func.return %y : tensor<?x?x4xf32>
}
func.func private @own_key() -> tensor<4xf32> {
  %w = rlx.param "layers.0.w" : tensor<4xf32>
  func.return %w : tensor<4xf32>
}
func.func private @other_key() -> tensor<4xf32> {
  %w = rlx.param "layers.1.v" : tensor<4xf32>
  func.return %w : tensor<4xf32>
}
func.func private @digest_0() -> tensor<4xf32> {
  %w = rlx.param "layers.0.w" digest("a") : tensor<4xf32>
  func.return %w : tensor<4xf32>
}
func.func private @digest_1() -> tensor<4xf32> {
  %w = rlx.param "layers.1.w" digest("a") : tensor<4xf32>
  func.return %w : tensor<4xf32>
}
func.func private @difference(%a: tensor<4xf32>, %b: tensor<4xf32>) -> tensor<4xf32> {
  %y = arith.subf %a, %b : tensor<4xf32>
  func.return %y : tensor<4xf32>
}
func.func private @other_difference(%a: tensor<4xf32>, %b: tensor<4xf32>) -> tensor<4xf32> {
  %y = arith.subf %b, %a : tensor<4xf32>
  func.return %y : tensor<4xf32>
}
