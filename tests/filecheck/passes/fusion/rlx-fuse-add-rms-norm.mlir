// RUN: rlxc opt -p rlx-fuse-add-rms-norm --remarks --verify-diagnostics %s | filecheck %s

!x = tensor<1x8x64xf32>
!any = tensor<?x?x64xf32>
!g = tensor<64xf32>

// CHECK-LABEL: func.func @post_norm
// CHECK-NEXT: %{{.*}}, %n = rlx.add_rms_norm %x, %r, %g {eps = 1.000000e-05 : f64} : tensor<1x8x64xf32>
// CHECK-NEXT: func.return %n
func.func @post_norm(%x: !x, %r: !x, %g: !g) -> !x {
  %s = arith.addf %x, %r : !x
  // expected-remark@below {{fused: takes the norm with the sum; 2048 bytes of sums are not read again}}
  %n = rlx.rms_norm %s gamma(%g) {eps = 1.0e-5 : f64} : !x
  func.return %n : !x
}

// The sum is the next residual, and has a user before the norm.
// CHECK-LABEL: func.func @pre_norm
// CHECK-NEXT: %s, %n = rlx.add_rms_norm %x, %r, %g {eps = 1.000000e-06 : f64, offset = 1.000000e+00 : f64} : tensor<?x?x64xf32>
// CHECK-NEXT: %c = rlx.softcap %s
// CHECK-NEXT: %t = arith.addf %s, %c
// CHECK-NEXT: func.return %n, %t
func.func @pre_norm(%x: !any, %r: !any, %g: !g) -> (!any, !any) {
  %s = arith.addf %x, %r : !any
  %c = rlx.softcap %s {cap = 30.0 : f64} : !any
  // expected-remark@below {{fused: takes the norm with the sum; 256 bytes a token of sums are not read again}}
  %n = rlx.rms_norm %s gamma(%g) {eps = 1.0e-6 : f64, offset = 1.0 : f64} : !any
  %t = arith.addf %s, %c : !any
  func.return %n, %t : !any, !any
}

// CHECK-LABEL: func.func @parameter_after_the_sum
// CHECK-NEXT: %g = rlx.param "late"
// CHECK-NEXT: rlx.add_rms_norm %x, %r, %g
func.func @parameter_after_the_sum(%x: !x, %r: !x) -> !x {
  %s = arith.addf %x, %r : !x
  %g = rlx.param "late" : !g
  // expected-remark@below {{fused: takes the norm with the sum}}
  %n = rlx.rms_norm %s gamma(%g) {eps = 1.0e-5 : f64} : !x
  func.return %n : !x
}

// CHECK-LABEL: func.func @chain
// CHECK-NEXT: %s, %n = rlx.add_rms_norm %x, %r, %g
// CHECK-NEXT: %t, %m = rlx.add_rms_norm %s, %n, %h
// CHECK-NEXT: func.return %t, %m
func.func @chain(%x: !x, %r: !x, %g: !g, %h: !g) -> (!x, !x) {
  %s = arith.addf %x, %r : !x
  // expected-remark@below {{fused: takes the norm with the sum}}
  %n = rlx.rms_norm %s gamma(%g) {eps = 1.0e-5 : f64} : !x
  %t = arith.addf %s, %n : !x
  // expected-remark@below {{fused: takes the norm with the sum}}
  %m = rlx.rms_norm %t gamma(%h) {eps = 1.0e-5 : f64} : !x
  func.return %t, %m : !x, !x
}

// CHECK-LABEL: func.func @norm_of_no_sum
// CHECK: rlx.rms_norm
func.func @norm_of_no_sum(%x: !x, %r: !x, %g: !g) -> !x {
  %s = arith.subf %x, %r : !x
  %n = rlx.rms_norm %s gamma(%g) {eps = 1.0e-5 : f64} : !x
  func.return %n : !x
}

// CHECK-LABEL: func.func @two_norms
// CHECK-NEXT: %s, %n = rlx.add_rms_norm %x, %r, %g
// CHECK-NEXT: %m = rlx.rms_norm %s gamma(%h)
func.func @two_norms(%x: !x, %r: !x, %g: !g, %h: !g) -> (!x, !x) {
  %s = arith.addf %x, %r : !x
  // expected-remark@below {{fused: takes the norm with the sum}}
  %n = rlx.rms_norm %s gamma(%g) {eps = 1.0e-5 : f64} : !x
  // expected-remark@below {{missed: the sum is taken together with another norm of it}}
  %m = rlx.rms_norm %s gamma(%h) {eps = 1.0e-5 : f64} : !x
  func.return %n, %m : !x, !x
}

// CHECK-LABEL: func.func @no_weight
// CHECK: arith.addf
// CHECK-NEXT: rlx.rms_norm
func.func @no_weight(%x: !x, %r: !x) -> !x {
  %s = arith.addf %x, %r : !x
  // expected-remark@below {{missed: the norm has no weight}}
  %n = rlx.rms_norm %s {eps = 1.0e-5 : f64} : !x
  func.return %n : !x
}

// CHECK-LABEL: func.func @each_head
// CHECK: arith.addf
// CHECK-NEXT: rlx.rms_norm
func.func @each_head(%x: !x, %r: !x, %g: tensor<16xf32>) -> !x {
  %s = arith.addf %x, %r : !x
  // expected-remark@below {{missed: each head is normalised apart}}
  %n = rlx.rms_norm %s gamma(%g) {eps = 1.0e-5 : f64, head_dim = 16} : !x
  func.return %n : !x
}

// CHECK-LABEL: func.func @weight_computed_after_the_sum
// CHECK: arith.addf %x, %r
// CHECK: rlx.rms_norm
func.func @weight_computed_after_the_sum(%x: !x, %r: !x, %g: !g, %h: !g) -> !x {
  %s = arith.addf %x, %r : !x
  %w = arith.addf %g, %h : !g
  // expected-remark@below {{missed: the weight of the norm is computed after the sum}}
  %n = rlx.rms_norm %s gamma(%w) {eps = 1.0e-5 : f64} : !x
  func.return %n : !x
}

// CHECK-LABEL: func.func @sum_of_another_block
// CHECK: arith.addf
// CHECK: rlx.rms_norm
func.func @sum_of_another_block(%x: !x, %r: !x, %g: !g, %c: i1) -> !x {
  %s = arith.addf %x, %r : !x
  %y = scf.if %c -> (!x) {
    // expected-remark@below {{missed: the sum is computed in another block, where its norm may not be needed}}
    %n = rlx.rms_norm %s gamma(%g) {eps = 1.0e-5 : f64} : !x
    scf.yield %n : !x
  } else {
    scf.yield %s : !x
  }
  func.return %y : !x
}
