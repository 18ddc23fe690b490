// RUN: rlxc opt -p rlx-params-to-args --split-input-file --verify-diagnostics %s | filecheck %s

// Weights and tables follow the inputs, in order of appearance.
// CHECK-LABEL: func.func @layer(
// CHECK-SAME:    %x: tensor<?x?x64xf32> {rlx.name = "x", rlx.dims = ["B", "S"]},
// CHECK-SAME:    %cos: tensor<128x8xf32> {rlx.name = "cos", rlx.table = "cos", rlx.theta = 5.000000e+05 : f64},
// CHECK-SAME:    %sin: tensor<128x8xf32> {rlx.name = "sin", rlx.table = "sin", rlx.theta = 5.000000e+05 : f64},
// CHECK-SAME:    %wq: tensor<64x32xf32> {rlx.name = "wq", rlx.keys = ["q.weight"], rlx.transposed},
// CHECK-SAME:    %b: tensor<32xf32> {rlx.name = "b", rlx.keys = ["q.bias"], rlx.digest = "abc"}) -> tensor<?x?x32xf32>
// CHECK-NEXT:    %m = rlx.matmul %x, %wq bias(%b)
// CHECK-NEXT:    %y = rlx.rope %m, %cos, %sin
func.func @layer(%x: tensor<?x?x64xf32> {rlx.dims = ["B", "S"]}) -> tensor<?x?x32xf32> {
  %cos = rlx.rope_table cos {theta = 500000.0 : f64} : tensor<128x8xf32>
  %sin = rlx.rope_table sin {theta = 500000.0 : f64} : tensor<128x8xf32>
  %wq = rlx.param "q.weight" transposed : tensor<64x32xf32>
  %b = rlx.param "q.bias" digest("abc") : tensor<32xf32>
  %m = rlx.matmul %x, %wq bias(%b) : tensor<?x?x64xf32>, tensor<64x32xf32>
  %y = rlx.rope %m, %cos, %sin {head_dim = 16, n_rot = 16} : tensor<?x?x32xf32>
  func.return %y : tensor<?x?x32xf32>
}

// -----

// Equal ones share an argument; another orientation of the same key is another weight; unused ones vanish.
// CHECK-LABEL: func.func @shared(
// CHECK-SAME:    %x: tensor<?x?x8xf32> {rlx.name = "x"},
// CHECK-SAME:    %w: tensor<8x8xf32> {rlx.name = "w", rlx.keys = ["w"]},
// CHECK-SAME:    %t: tensor<8x8xf32> {rlx.name = "t", rlx.keys = ["w"], rlx.transposed}) ->
// CHECK-NEXT:    %a = rlx.matmul %x, %w
// CHECK-NEXT:    %b = rlx.matmul %a, %w
// CHECK-NEXT:    %c = rlx.matmul %b, %t
func.func @shared(%x: tensor<?x?x8xf32>) -> tensor<?x?x8xf32> {
  %w = rlx.param "w" : tensor<8x8xf32>
  %again = rlx.param "w" : tensor<8x8xf32>
  %t = rlx.param "w" transposed : tensor<8x8xf32>
  %unused = rlx.param "unused" : tensor<8x8xf32>
  %a = rlx.matmul %x, %w : tensor<?x?x8xf32>, tensor<8x8xf32>
  %b = rlx.matmul %a, %again : tensor<?x?x8xf32>, tensor<8x8xf32>
  %c = rlx.matmul %b, %t : tensor<?x?x8xf32>, tensor<8x8xf32>
  func.return %c : tensor<?x?x8xf32>
}

// -----

// A value without a name is named after its key; several keys after all of their ends; the whole key tells equal ends apart.
// CHECK-LABEL: func.func @names(
// CHECK-SAME:    %0: tensor<?x?x8xf32> {rlx.name = "arg0"},
// CHECK-SAME:    %n: index {rlx.name = "position"},
// CHECK-SAME:    {rlx.name = "o_proj_weight", rlx.keys = ["model.o_proj.weight"]},
// CHECK-SAME:    {rlx.name = "q_proj_k_proj_weight", rlx.keys = ["model.q_proj.weight", "model.k_proj.weight"]},
// CHECK-SAME:    {rlx.name = "layers_0_up_weight", rlx.keys = ["layers.0.up.weight"]},
// CHECK-SAME:    {rlx.name = "layers_1_up_weight", rlx.keys = ["layers.1.up.weight"]},
// CHECK-SAME:    {rlx.name = "param_0_bias", rlx.keys = ["0.bias"]},
// CHECK-SAME:    {rlx.name = "position_1", rlx.keys = ["position"]})
func.func @names(%0: tensor<?x?x8xf32>, %n: index {rlx.name = "position"}) {
  %1 = rlx.param "model.o_proj.weight" : tensor<8x8xf32>
  %2 = rlx.param "model.q_proj.weight", "model.k_proj.weight" : tensor<8x8xf32>
  %3 = rlx.param "layers.0.up.weight" : tensor<8x8xf32>
  %4 = rlx.param "layers.1.up.weight" : tensor<8x8xf32>
  %5 = rlx.param "0.bias" : tensor<8xf32>
  %position = rlx.param "position" : tensor<8xf32>
  "test.op"(%1, %2, %3, %4, %5, %position)
    : (tensor<8x8xf32>, tensor<8x8xf32>, tensor<8x8xf32>, tensor<8x8xf32>, tensor<8xf32>, tensor<8xf32>) -> ()
  func.return
}

// -----

// expected-error@unknown {{two inputs of @same_name have the same 'rlx.name'}}
func.func @same_name(%x: tensor<4xf32> {rlx.name = "x"}, %y: tensor<4xf32> {rlx.name = "x"}) {
  func.return
}

// -----

// expected-error@unknown {{@inner holds weights or rope tables, but @outer, the entry function, does not call it}}
func.func @outer(%x: tensor<4xf32>) {
  func.return
}
func.func private @inner() -> tensor<4xf32> {
  %w = rlx.param "w" : tensor<4xf32>
  func.return %w : tensor<4xf32>
}

// -----

// expected-error@unknown {{the module has no public function to lower}}
func.func private @hidden() {
  func.return
}

// -----

// What a called function takes, its caller passes: by the scope of the call, and equal tables once.
// CHECK-LABEL: func.func @model(
// CHECK-SAME:    %a_w: tensor<4x4xf32> {rlx.name = "a_w", rlx.keys = ["a.w"]}, %cos: tensor<8x2xf32> {rlx.name = "cos", rlx.table = "cos"
// CHECK-SAME:    %b_w: tensor<4x4xf32> {rlx.name = "b_w", rlx.keys = ["b.w"]})
// CHECK-NEXT:    %y = func.call @layer(%x, %a_w, %cos) :
// CHECK-NEXT:    %z = func.call @layer(%y, %b_w, %cos) :
// CHECK-LABEL: func.func private @layer(
// CHECK-SAME:    %h: tensor<?x?x4xf32> {rlx.name = "h"}, %w: tensor<4x4xf32> {rlx.name = "w", rlx.keys = ["w"]}, %cos: tensor<8x2xf32>
func.func @model(%x: tensor<?x?x4xf32>) -> tensor<?x?x4xf32> {
  %y = func.call @layer(%x) {rlx.scope = "a."} : (tensor<?x?x4xf32>) -> tensor<?x?x4xf32>
  %z = func.call @layer(%y) {rlx.scope = "b."} : (tensor<?x?x4xf32>) -> tensor<?x?x4xf32>
  func.return %z : tensor<?x?x4xf32>
}
func.func private @layer(%h: tensor<?x?x4xf32>) -> tensor<?x?x4xf32> {
  %w = rlx.param "w" : tensor<4x4xf32>
  %cos = rlx.rope_table cos {theta = 10000.0 : f64} : tensor<8x2xf32>
  %r = rlx.rope %h, %cos, %cos {head_dim = 4, n_rot = 4} : tensor<?x?x4xf32>
  %y = rlx.matmul %r, %w : tensor<?x?x4xf32>, tensor<4x4xf32>
  func.return %y : tensor<?x?x4xf32>
}
