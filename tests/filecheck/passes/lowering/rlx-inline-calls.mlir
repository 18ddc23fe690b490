// RUN: rlxc opt -p rlx-inline-calls --split-input-file --verify-diagnostics %s | filecheck %s

// Each call gets its own copy, calls in the called function included; functions without callers vanish.
// CHECK-LABEL: func.func @model
// CHECK-NEXT:    %capped = rlx.softcap %x {cap = 3.000000e+01 : f64} : tensor<?x?x64xf32>
// CHECK-NEXT:    %w = rlx.param "w" : tensor<64x64xf32>
// CHECK-NEXT:    %y = rlx.matmul %capped, %w : tensor<?x?x64xf32>, tensor<64x64xf32>
// CHECK-NEXT:    %capped_1 = rlx.softcap %y
// CHECK-NEXT:    %w_1 = rlx.param "w"
// CHECK-NEXT:    %y_1 = rlx.matmul %capped_1, %w_1
// CHECK-NEXT:    func.return %y_1
// CHECK-NOT:   func.func
func.func @model(%x: tensor<?x?x64xf32>) -> tensor<?x?x64xf32> {
  %a = func.call @layer(%x) : (tensor<?x?x64xf32>) -> tensor<?x?x64xf32>
  %b = func.call @layer(%a) : (tensor<?x?x64xf32>) -> tensor<?x?x64xf32>
  func.return %b : tensor<?x?x64xf32>
}
func.func private @layer(%h: tensor<?x?x64xf32>) -> tensor<?x?x64xf32> {
  %capped = rlx.softcap %h {cap = 30.0 : f64} : tensor<?x?x64xf32>
  %z = func.call @project(%capped) : (tensor<?x?x64xf32>) -> tensor<?x?x64xf32>
  func.return %z : tensor<?x?x64xf32>
}
func.func private @project(%h: tensor<?x?x64xf32>) -> tensor<?x?x64xf32> {
  %w = rlx.param "w" : tensor<64x64xf32>
  %y = rlx.matmul %h, %w : tensor<?x?x64xf32>, tensor<64x64xf32>
  func.return %y : tensor<?x?x64xf32>
}

// -----

// The scope of a call comes before the keys of the weights, that of an outer call first.
// CHECK-LABEL: func.func @scopes
// CHECK:         rlx.param "layers.0.w" transposed : tensor<4x4xf32>
// CHECK:         rlx.param "layers.0.mlp.gate", "layers.0.mlp.up" : tensor<4x4xf32>
// CHECK:         rlx.param "layers.1.w" transposed : tensor<4x4xf32>
// CHECK:         rlx.param "layers.1.mlp.gate", "layers.1.mlp.up" : tensor<4x4xf32>
// CHECK:         rlx.param "gate", "up" : tensor<4x4xf32>
func.func @scopes(%x: tensor<?x?x4xf32>) -> tensor<?x?x4xf32> {
  %a = func.call @layer(%x) {rlx.scope = "layers.0."} : (tensor<?x?x4xf32>) -> tensor<?x?x4xf32>
  %b = func.call @layer(%a) {rlx.scope = "layers.1."} : (tensor<?x?x4xf32>) -> tensor<?x?x4xf32>
  %c = func.call @mlp(%b) : (tensor<?x?x4xf32>) -> tensor<?x?x4xf32>
  func.return %c : tensor<?x?x4xf32>
}
func.func private @layer(%h: tensor<?x?x4xf32>) -> tensor<?x?x4xf32> {
  %w = rlx.param "w" transposed : tensor<4x4xf32>
  %y = rlx.matmul %h, %w : tensor<?x?x4xf32>, tensor<4x4xf32>
  %z = func.call @mlp(%y) {rlx.scope = "mlp."} : (tensor<?x?x4xf32>) -> tensor<?x?x4xf32>
  func.return %z : tensor<?x?x4xf32>
}
func.func private @mlp(%h: tensor<?x?x4xf32>) -> tensor<?x?x4xf32> {
  %w = rlx.param "gate", "up" : tensor<4x4xf32>
  %y = rlx.matmul %h, %w : tensor<?x?x4xf32>, tensor<4x4xf32>
  func.return %y : tensor<?x?x4xf32>
}

// -----

// A function without a body cannot be inlined.
// CHECK-LABEL: func.func @calls_a_declaration
// CHECK-NEXT:    func.call @outside(%x)
// CHECK:       func.func private @outside
func.func @calls_a_declaration(%x: tensor<4xf32>) {
  func.call @outside(%x) : (tensor<4xf32>) -> ()
  func.return
}
func.func private @outside(tensor<4xf32>)

// -----

// expected-error@unknown {{@turn calls itself (calls_a_circle -> turn -> back -> turn)}}
func.func @calls_a_circle(%x: tensor<4xf32>) {
  func.call @turn(%x) : (tensor<4xf32>) -> ()
  func.return
}
func.func private @turn(%x: tensor<4xf32>) {
  func.call @back(%x) : (tensor<4xf32>) -> ()
  func.return
}
func.func private @back(%x: tensor<4xf32>) {
  func.call @turn(%x) : (tensor<4xf32>) -> ()
  func.return
}

// -----

// A name that the callee gives to two dimensions is checked, unless they are certainly equal.
// CHECK-LABEL: func.func @calls_with_names
// CHECK:         %b_S = tensor.dim %k
// CHECK:         %q_dim1 = tensor.dim %q
// CHECK:         %0 = arith.cmpi eq, %b_S, %q_dim1 : index
// CHECK-NEXT:    cf.assert %0, "call of @named: arguments a and b differ in dimension 'S'"
// CHECK-NOT:     cf.assert
func.func @calls_with_names(%q: tensor<1x?x8xf32>, %k: tensor<1x?x8xf32>) {
  func.call @named(%q, %k) : (tensor<1x?x8xf32>, tensor<1x?x8xf32>) -> ()
  %capped = rlx.softcap %k {cap = 30.0 : f64} : tensor<1x?x8xf32>
  func.call @named(%k, %capped) : (tensor<1x?x8xf32>, tensor<1x?x8xf32>) -> ()
  func.return
}
func.func @named(%a: tensor<1x?x8xf32> {rlx.dims = ["S"]}, %b: tensor<1x?x8xf32> {rlx.dims = ["S"]}) {
  func.return
}

// -----

// Nothing stays a function in this pipeline, however often it is called; see kernels/calls.mlir.
// CHECK-LABEL: func.func @twice
// CHECK-NOT:     func.call
func.func @twice(%x: tensor<?x?x4xf32>) -> tensor<?x?x4xf32> {
  %a = func.call @project(%x) : (tensor<?x?x4xf32>) -> tensor<?x?x4xf32>
  %b = func.call @project(%a) : (tensor<?x?x4xf32>) -> tensor<?x?x4xf32>
  func.return %b : tensor<?x?x4xf32>
}
func.func private @project(%h: tensor<?x?x4xf32>) -> tensor<?x?x4xf32> {
  %w = rlx.param "w" : tensor<4x4xf32>
  %y = rlx.matmul %h, %w : tensor<?x?x4xf32>, tensor<4x4xf32>
  func.return %y : tensor<?x?x4xf32>
}
