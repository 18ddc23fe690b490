// RUN: rlxc opt -p rlx-merge-projections %s | filecheck %s

// Equal keys in two functions are two weights, if their scopes differ.
// CHECK-LABEL: func.func private @first_kind(
// CHECK-NEXT:    rlx.param "q", "k" : tensor<4x8xf32>
// CHECK-LABEL: func.func private @second_kind(
// CHECK-NEXT:    rlx.param "q", "k" : tensor<4x8xf32>
func.func @two_kinds(%x: tensor<?x?x4xf32>) {
  func.call @first_kind(%x) {rlx.scope = "layers.0."} : (tensor<?x?x4xf32>) -> ()
  func.call @second_kind(%x) {rlx.scope = "layers.1."} : (tensor<?x?x4xf32>) -> ()
  func.call @first_kind(%x) {rlx.scope = "layers.2."} : (tensor<?x?x4xf32>) -> ()
  func.return
}
func.func private @first_kind(%x: tensor<?x?x4xf32>) {
  %wq = rlx.param "q" : tensor<4x4xf32>
  %wk = rlx.param "k" : tensor<4x4xf32>
  %q = rlx.matmul %x, %wq : tensor<?x?x4xf32>, tensor<4x4xf32>
  %k = rlx.matmul %x, %wk : tensor<?x?x4xf32>, tensor<4x4xf32>
  "test.op"(%q, %k) : (tensor<?x?x4xf32>, tensor<?x?x4xf32>) -> ()
  func.return
}
func.func private @second_kind(%x: tensor<?x?x4xf32>) {
  %wq = rlx.param "q" : tensor<4x4xf32>
  %wk = rlx.param "k" : tensor<4x4xf32>
  %q = rlx.matmul %x, %wq : tensor<?x?x4xf32>, tensor<4x4xf32>
  %k = rlx.matmul %x, %wk : tensor<?x?x4xf32>, tensor<4x4xf32>
  "test.op"(%k, %q) : (tensor<?x?x4xf32>, tensor<?x?x4xf32>) -> ()
  func.return
}
