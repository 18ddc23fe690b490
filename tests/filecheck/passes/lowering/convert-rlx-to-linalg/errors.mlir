// RUN: rlxc opt -p convert-rlx-to-linalg --split-input-file --verify-diagnostics %s

// expected-error@unknown {{rlx.param is made at load time: run rlx-params-to-args before this pass}}
func.func @weight(%x: tensor<1x4x8xf32>) -> tensor<1x4x8xf32> {
  %w = rlx.param "w" : tensor<8x8xf32>
  %y = rlx.matmul %x, %w : tensor<1x4x8xf32>, tensor<8x8xf32>
  func.return %y : tensor<1x4x8xf32>
}

// -----

// expected-error@unknown {{'rlx.dims' of x must name its 2 dynamic dimensions, got ["B"]}}
func.func @too_few_names(%x: tensor<?x?x8xf32> {rlx.dims = ["B"]}) {
  func.return
}

// -----

// expected-error@unknown {{'rlx.dims' of n must name its 0 dynamic dimensions, got ["B"]}}
func.func @names_of_a_scalar(%n: index {rlx.dims = ["B"]}) {
  func.return
}

// -----

// What is known to be wrong is an error of the compiler, not of a run.
func.func @does_not_fit(%cache: tensor<1x8x16xf32>, %new: tensor<1x4x16xf32>) -> tensor<1x8x16xf32> {
  %c5 = arith.constant 5 : index
  // expected-error@+1 {{rlx.kv_append: the new rows do not fit into the cache (capacity 8)}}
  %k = rlx.kv_append %cache, %new position(%c5) : tensor<1x8x16xf32>, tensor<1x4x16xf32>
  func.return %k : tensor<1x8x16xf32>
}

// -----

// expected-error@unknown {{@branches branches: only functions of one block can be lowered}}
func.func @branches(%x: tensor<4xf32>) -> tensor<4xf32> {
  cf.br ^next
^next:
  func.return %x : tensor<4xf32>
}
