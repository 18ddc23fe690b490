// RUN: rlxc opt -p 'rlx-unfuse{only=rope,projections}' --remarks --verify-diagnostics %s | filecheck %s

!x = tensor<1x8x64xf32>
!k = tensor<1x8x16xf32>
!w = tensor<64x64xf32>
!table = tensor<99x8xf32>

// CHECK-LABEL: func.func @groups_stay
// CHECK: rlx.rope %q, %cos, %sin {head_dim
// CHECK-NEXT: rlx.rope %k, %cos, %sin {head_dim
// CHECK-NEXT: rlx.attention %{{.*}}, %{{.*}}, %k {num_heads = 4 : i64, num_kv_heads = 1 : i64
func.func @groups_stay(%q: !x, %k: !k, %cos: !table, %sin: !table) -> !x {
  // expected-remark@below {{unfused: Q and K are rotated before the attention}}
  %o = rlx.attention %q, %k, %k rope(%cos, %sin) {num_heads = 4, num_kv_heads = 1, head_dim = 16, n_rot = 16} : !x, !k
  func.return %o : !x
}

// CHECK-LABEL: func.func @gain_keeps_the_rope
// CHECK: rlx.attention %q, %n, %n rope(%cos, %sin) k_gain(%g)
func.func @gain_keeps_the_rope(%q: !x, %p: !x, %g: tensor<16xf32>, %cos: !table, %sin: !table) -> !x {
  %n = rlx.rms_norm %p {eps = 1.0e-6 : f64, head_dim = 16} : !x
  // expected-remark@below {{missed: k_gain comes before the rotation, so the rotation cannot leave before it}}
  %o = rlx.attention %q, %n, %n rope(%cos, %sin) k_gain(%g) {num_heads = 4, num_kv_heads = 4, head_dim = 16, n_rot = 16} : !x, !x
  func.return %o : !x
}

// CHECK-LABEL: func.func @residual_keeps_the_projection
// CHECK: rlx.matmul %x, %w residual(%r)
// CHECK-NEXT: rlx.split
func.func @residual_keeps_the_projection(%x: !x, %r: tensor<1x8x128xf32>) -> (!x, !x) {
  %w = rlx.param "q", "k" : tensor<64x128xf32>
  %m = rlx.matmul %x, %w residual(%r) : !x, tensor<64x128xf32>
  // expected-remark@below {{missed: the merged projection adds a residual}}
  %q, %k = rlx.split %m sizes [64, 64] : tensor<1x8x128xf32> -> !x, !x
  func.return %q, %k : !x, !x
}

// CHECK-LABEL: func.func @residuals_and_norms_stay
// CHECK: rlx.matmul %x, %w residual(%r)
// CHECK-NEXT: rlx.add_rms_norm
func.func @residuals_and_norms_stay(%x: !x, %w: !w, %r: !x, %g: tensor<64xf32>) -> (!x, !x) {
  %y = rlx.matmul %x, %w residual(%r) : !x, !w
  %s, %n = rlx.add_rms_norm %y, %r, %g {eps = 1.0e-5 : f64} : !x
  func.return %s, %n : !x, !x
}
