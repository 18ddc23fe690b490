// RUN: rlxc opt %s --split-input-file --verify-diagnostics | filecheck %s

// Errors that a comment expects are not errors, and leave no output.

// CHECK-NOT: @wrong
// CHECK:     func.func @right

func.func @wrong(%x: tensor<1x?x32xf32>) {
  // expected-error@below {{unknown operation 'rlx.rope_tabel' (did you mean 'rlx.rope_table'?)}}
  %cos = rlx.rope_tabel cos {theta = 10000.0 : f64} : tensor<64x8xf32>
  return
}

// -----

func.func @wrong(%x: tensor<1x?x32xf32>) {
  %y = rlx.softcap %x {cap = 30.0 : f64, cab = 1.0 : f64} : tensor<1x?x32xf32>
  // expected-error-re@-1 {{'rlx.softcap' op has no attribute 'cab'{{.*}}'cap'}}
  return
}

// -----

func.func @right(%x: tensor<1x?x32xf32>) -> tensor<1x?x32xf32> {
  return %x : tensor<1x?x32xf32>
}
