// RUN: rlxc opt -p rlx-eliminate-repeat-kv --remarks --verify-diagnostics %s | filecheck %s

!q = tensor<1x?x64xf32>
!kv = tensor<1x?x32xf32>

// Gain and rotation treat all heads alike.
// CHECK-LABEL: func.func @everything_is_carried_over
// CHECK-NEXT: rlx.attention %q, %k, %v rope(%cos, %sin) style(interleaved) k_gain(%g) mask(causal) padding(%pad) bias(%b) kv_length(%n) query_offset(%p)
// CHECK-SAME: {num_heads = 4 : i64, num_kv_heads = 2 : i64, head_dim = 16 : i64, scale = 5.000000e-01 : f64, softcap = 5.000000e+01 : f64, n_rot = 16 : i64}
func.func @everything_is_carried_over(
  %q: !q, %k: !kv, %v: !kv, %cos: tensor<99x8xf32>, %sin: tensor<99x8xf32>, %g: tensor<16xf32>,
  %pad: tensor<1x?xi1>, %b: tensor<1x1x?x?xf32>, %n: index, %p: index
) -> !q {
  %kk = rlx.repeat_kv %k {head_dim = 16, group = 2} : !kv -> !q
  %vv = rlx.repeat_kv %v {head_dim = 16, group = 2} : !kv -> !q
  // expected-remark@below {{fused: num_kv_heads = 2 instead of 4; 512 bytes a token of copies are not made}}
  %o = rlx.attention %q, %kk, %vv rope(%cos, %sin) style(interleaved) k_gain(%g) mask(causal) padding(%pad) bias(%b)
    kv_length(%n) query_offset(%p)
    {num_heads = 4, num_kv_heads = 4, head_dim = 16, n_rot = 16, scale = 0.5 : f64, softcap = 50.0 : f64} : !q, !q
  func.return %o : !q
}

// Repetition comes after rotation: what is left is the rotation of the heads themselves.
// CHECK-LABEL: func.func @rotated_heads
// CHECK-NEXT: %kr = rlx.rope %k, %cos, %sin {head_dim = 16 : i64, n_rot = 16 : i64} : tensor<1x?x32xf32>
// CHECK-NEXT: rlx.attention %q, %kr, %k {num_heads = 4 : i64, num_kv_heads = 2 : i64
func.func @rotated_heads(%q: !q, %k: !kv, %cos: tensor<99x8xf32>, %sin: tensor<99x8xf32>) -> !q {
  %kr = rlx.rope %k, %cos, %sin {head_dim = 16, n_rot = 16} : !kv
  %kk = rlx.repeat_kv %kr {head_dim = 16, group = 2} : !kv -> !q
  %vv = rlx.repeat_kv %k {head_dim = 16, group = 2} : !kv -> !q
  // expected-remark@below {{fused: num_kv_heads = 2 instead of 4}}
  %o = rlx.attention %q, %kk, %vv {num_heads = 4, num_kv_heads = 4, head_dim = 16} : !q, !q
  func.return %o : !q
}

// Rotating copies is copying what is rotated.
// CHECK-LABEL: func.func @rotated_copies
// CHECK-NEXT: %kr = rlx.rope %k, %cos, %sin position(%p) {head_dim = 16 : i64, n_rot = 8 : i64} : tensor<1x?x32xf32>
// CHECK-NEXT: rlx.attention %q, %kr, %k {num_heads = 4 : i64, num_kv_heads = 2 : i64
func.func @rotated_copies(%q: !q, %k: !kv, %p: index, %cos: tensor<99x4xf32>, %sin: tensor<99x4xf32>) -> !q {
  %kk = rlx.repeat_kv %k {head_dim = 16, group = 2} : !kv -> !q
  %kr = rlx.rope %kk, %cos, %sin position(%p) {head_dim = 16, n_rot = 8} : !q
  %vv = rlx.repeat_kv %k {head_dim = 16, group = 2} : !kv -> !q
  // expected-remark@below {{fused: num_kv_heads = 2 instead of 4; 512 bytes a token of copies are not made}}
  %o = rlx.attention %q, %kr, %vv {num_heads = 4, num_kv_heads = 4, head_dim = 16} : !q, !q
  func.return %o : !q
}

// One repeated value as K and V counts once.
// CHECK-LABEL: func.func @v_is_k
// CHECK-NEXT: rlx.attention %q, %k, %k {num_heads = 4 : i64, num_kv_heads = 2 : i64
func.func @v_is_k(%q: !q, %k: !kv) -> !q {
  %kk = rlx.repeat_kv %k {head_dim = 16, group = 2} : !kv -> !q
  // expected-remark@below {{fused: num_kv_heads = 2 instead of 4; 256 bytes a token of copies are not made}}
  %o = rlx.attention %q, %kk, %kk {num_heads = 4, num_kv_heads = 4, head_dim = 16} : !q, !q
  func.return %o : !q
}

// Heads that are repeated, and grouped on top of that.
// CHECK-LABEL: func.func @groups_of_repeated_heads
// CHECK-NEXT: rlx.attention %q, %k, %k {num_heads = 4 : i64, num_kv_heads = 1 : i64
func.func @groups_of_repeated_heads(%q: !q, %k: tensor<1x?x16xf32>) -> !q {
  %kk = rlx.repeat_kv %k {head_dim = 16, group = 2} : tensor<1x?x16xf32> -> !kv
  // expected-remark@below {{fused: num_kv_heads = 1 instead of 2}}
  %o = rlx.attention %q, %kk, %kk {num_heads = 4, num_kv_heads = 2, head_dim = 16} : !q, !kv
  func.return %o : !q
}

// Another user keeps the copies; the attention reads the heads all the same.
// CHECK-LABEL: func.func @copies_have_another_user
// CHECK-NEXT: %kk = rlx.repeat_kv %k
// CHECK-NEXT: %o = rlx.attention %q, %k, %k {num_heads = 4 : i64, num_kv_heads = 2 : i64
// CHECK-NEXT: return %o, %kk
func.func @copies_have_another_user(%q: !q, %k: !kv) -> (!q, !q) {
  %kk = rlx.repeat_kv %k {head_dim = 16, group = 2} : !kv -> !q
  // expected-remark@below {{fused: num_kv_heads = 2 instead of 4}}
  %o = rlx.attention %q, %kk, %kk {num_heads = 4, num_kv_heads = 4, head_dim = 16} : !q, !q
  func.return %o, %kk : !q, !q
}

// CHECK-LABEL: func.func @only_k
// CHECK: rlx.attention %q, %kk, %v
func.func @only_k(%q: !q, %k: !kv, %v: !q) -> !q {
  %kk = rlx.repeat_kv %k {head_dim = 16, group = 2} : !kv -> !q
  // expected-remark@below {{missed: only K is repeated: V has a head of its own for each query head}}
  %o = rlx.attention %q, %kk, %v {num_heads = 4, num_kv_heads = 4, head_dim = 16} : !q, !q
  func.return %o : !q
}

// CHECK-LABEL: func.func @only_v
// CHECK: rlx.attention %q, %k, %vv
func.func @only_v(%q: !q, %k: !q, %v: !kv) -> !q {
  %vv = rlx.repeat_kv %v {head_dim = 16, group = 2} : !kv -> !q
  // expected-remark@below {{missed: only V is repeated: K has a head of its own for each query head}}
  %o = rlx.attention %q, %k, %vv {num_heads = 4, num_kv_heads = 4, head_dim = 16} : !q, !q
  func.return %o : !q
}

// CHECK-LABEL: func.func @different_groups
// CHECK: rlx.attention %q, %kk, %vv
func.func @different_groups(%q: !q, %k: !kv, %v: tensor<1x?x16xf32>) -> !q {
  %kk = rlx.repeat_kv %k {head_dim = 16, group = 2} : !kv -> !q
  %vv = rlx.repeat_kv %v {head_dim = 16, group = 4} : tensor<1x?x16xf32> -> !q
  // expected-remark@below {{missed: K is repeated for groups of 2, V for groups of 4}}
  %o = rlx.attention %q, %kk, %vv {num_heads = 4, num_kv_heads = 4, head_dim = 16} : !q, !q
  func.return %o : !q
}

// Copies of 32 features are k0 k1 k0 k1 for heads of 16.
// CHECK-LABEL: func.func @mismatched_heads
// CHECK: rlx.attention %q, %kk, %vv
func.func @mismatched_heads(%q: !q, %k: !kv) -> !q {
  %kk = rlx.repeat_kv %k {head_dim = 32, group = 2} : !kv -> !q
  %vv = rlx.repeat_kv %k {head_dim = 16, group = 2} : !kv -> !q
  // expected-remark@below {{missed: K is repeated with head_dim = 32, but the attention has head_dim = 16}}
  %o = rlx.attention %q, %kk, %vv {num_heads = 4, num_kv_heads = 4, head_dim = 16} : !q, !q
  func.return %o : !q
}

// Heads that are rotated already may be copied, but not rotated once more.
// CHECK-LABEL: func.func @rotated_copies_are_returned
// CHECK: rlx.attention %q, %kr, %vv
func.func @rotated_copies_are_returned(%q: !q, %k: !kv, %cos: tensor<99x8xf32>, %sin: tensor<99x8xf32>) -> (!q, !q) {
  %kk = rlx.repeat_kv %k {head_dim = 16, group = 2} : !kv -> !q
  %kr = rlx.rope %kk, %cos, %sin {head_dim = 16, n_rot = 16} : !q
  %vv = rlx.repeat_kv %k {head_dim = 16, group = 2} : !kv -> !q
  // expected-remark@below {{missed: the rotated copies of K have another user: its heads would be rotated once more}}
  %o = rlx.attention %q, %kr, %vv {num_heads = 4, num_kv_heads = 4, head_dim = 16} : !q, !q
  func.return %o, %kr : !q, !q
}

// CHECK-LABEL: func.func @rotation_of_mismatched_heads
// CHECK: rlx.attention %q, %kr, %vv
func.func @rotation_of_mismatched_heads(%q: !q, %k: !kv, %cos: tensor<99x8xf32>, %sin: tensor<99x8xf32>) -> !q {
  %kk = rlx.repeat_kv %k {head_dim = 16, group = 2} : !kv -> !q
  %kr = rlx.rope %kk, %cos, %sin {head_dim = 32, n_rot = 16} : !q
  %vv = rlx.repeat_kv %k {head_dim = 16, group = 2} : !kv -> !q
  // expected-remark@below {{missed: K is rotated with head_dim = 32, but the attention has head_dim = 16}}
  %o = rlx.attention %q, %kr, %vv {num_heads = 4, num_kv_heads = 4, head_dim = 16} : !q, !q
  func.return %o : !q
}
