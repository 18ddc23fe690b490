// RUN: rlxc opt -p rlx-fuse-rope-into-attention --remarks --verify-diagnostics %s | filecheck %s

!heads = tensor<1x8x32xf32>
!any_heads = tensor<1x?x32xf32>
!cache = tensor<1x16x32xf32>
!table = tensor<99x8xf32>

// Everything that the attention carried before is carried over.
// CHECK-LABEL: func.func @everything_is_carried_over
// CHECK: rlx.attention %q, %k, %v rope(%cos, %sin) mask(sliding<8>) padding(%pad) bias(%b) kv_length(%n) query_offset(%p)
// CHECK-SAME: {num_heads = 4 : i64, num_kv_heads = 2 : i64, head_dim = 16 : i64, scale = 5.000000e-01 : f64, softcap = 5.000000e+01 : f64, n_rot = 8 : i64}
// CHECK-NEXT: func.return
func.func @everything_is_carried_over(
  %q: tensor<1x?x64xf32>, %k: !any_heads, %v: !any_heads, %cos: tensor<99x4xf32>, %sin: tensor<99x4xf32>,
  %pad: tensor<1x?xi1>, %b: tensor<1x1x?x?xf32>, %n: index, %p: index
) -> tensor<1x?x64xf32> {
  %qr = rlx.rope %q, %cos, %sin position(%p) {head_dim = 16, n_rot = 8} : tensor<1x?x64xf32>
  %kr = rlx.rope %k, %cos, %sin {head_dim = 16, n_rot = 8} : !any_heads
  // expected-remark@below {{fused: rotates Q and K itself (n_rot = 8, half); 384 bytes a token of rotated copies are not made}}
  %o = rlx.attention %qr, %kr, %v mask(sliding<8>) padding(%pad) bias(%b) kv_length(%n) query_offset(%p)
    {num_heads = 4, num_kv_heads = 2, head_dim = 16, scale = 0.5 : f64, softcap = 50.0 : f64} : tensor<1x?x64xf32>, !any_heads
  func.return %o : tensor<1x?x64xf32>
}

// CHECK-LABEL: func.func @static_lengths
// CHECK: rlx.attention %q, %k, %k rope(%cos, %sin) style(interleaved) {num_heads
func.func @static_lengths(%q: !heads, %k: !heads, %cos: !table, %sin: !table) -> !heads {
  %qr = rlx.rope %q, %cos, %sin style(interleaved) {head_dim = 16, n_rot = 16} : !heads
  %kr = rlx.rope %k, %cos, %sin style(interleaved) {head_dim = 16, n_rot = 16} : !heads
  // expected-remark@below {{fused: rotates Q and K itself (n_rot = 16, interleaved); 2048 bytes of rotated copies are not made}}
  %o = rlx.attention %qr, %kr, %k {num_heads = 2, num_kv_heads = 2, head_dim = 16} : !heads, !heads
  func.return %o : !heads
}

// Queries and keys are equally many, since both are projections of x.
// CHECK-LABEL: func.func @lengths_of_one_input
// CHECK: rlx.attention %qn, %k, %k rope(%cos, %sin) {num_heads
func.func @lengths_of_one_input(%x: !any_heads, %w: tensor<32x32xf32>, %cos: !table, %sin: !table) -> !any_heads {
  %m = rlx.matmul %x, %w : !any_heads, tensor<32x32xf32>
  %q = arith.addf %m, %x : !any_heads
  %qn = rlx.rms_norm %q {eps = 1.0e-6 : f64, head_dim = 16} : !any_heads
  %k = rlx.softcap %x {cap = 30.0 : f64} : !any_heads
  %qr = rlx.rope %qn, %cos, %sin {head_dim = 16, n_rot = 16} : !any_heads
  %kr = rlx.rope %k, %cos, %sin {head_dim = 16, n_rot = 16} : !any_heads
  // expected-remark@below {{fused: rotates Q and K itself}}
  %o = rlx.attention %qr, %kr, %k {num_heads = 2, num_kv_heads = 2, head_dim = 16} : !any_heads, !any_heads
  func.return %o : !any_heads
}

// CHECK-LABEL: func.func @lengths_of_one_name
// CHECK: rlx.attention %q, %k, %k rope(%cos, %sin) {num_heads
func.func @lengths_of_one_name(%q: !any_heads {rlx.dims = ["S"]}, %k: !any_heads {rlx.dims = ["S"]}, %cos: !table, %sin: !table) -> !any_heads {
  %qr = rlx.rope %q, %cos, %sin {head_dim = 16, n_rot = 16} : !any_heads
  %kr = rlx.rope %k, %cos, %sin {head_dim = 16, n_rot = 16} : !any_heads
  // expected-remark@below {{fused: rotates Q and K itself}}
  %o = rlx.attention %qr, %kr, %k {num_heads = 2, num_kv_heads = 2, head_dim = 16} : !any_heads, !any_heads
  func.return %o : !any_heads
}

// Queries are rotated from kv_length - q_len, which is the default offset.
// CHECK-LABEL: func.func @computed_offset
// CHECK: rlx.attention %q, %k, %k rope(%cos, %sin) kv_length(%n) {num_heads
func.func @computed_offset(%q: !any_heads, %k: !any_heads, %n: index, %cos: !table, %sin: !table) -> !any_heads {
  %c1 = arith.constant 1 : index
  %q_len = tensor.dim %q, %c1 : !any_heads
  %p = arith.subi %n, %q_len : index
  %qr = rlx.rope %q, %cos, %sin position(%p) {head_dim = 16, n_rot = 16} : !any_heads
  %kr = rlx.rope %k, %cos, %sin {head_dim = 16, n_rot = 16} : !any_heads
  // expected-remark@below {{fused: rotates Q and K itself}}
  %o = rlx.attention %qr, %kr, %k kv_length(%n) {num_heads = 2, num_kv_heads = 2, head_dim = 16} : !any_heads, !any_heads
  func.return %o : !any_heads
}

// CHECK-LABEL: func.func @constant_offset
// CHECK: rlx.attention %q, %k, %k rope(%cos, %sin) {num_heads
func.func @constant_offset(%q: tensor<1x3x32xf32>, %k: !heads, %cos: !table, %sin: !table) -> tensor<1x3x32xf32> {
  %c0 = arith.constant 0 : index
  %c5 = arith.constant 5 : index
  %qr = rlx.rope %q, %cos, %sin position(%c5) {head_dim = 16, n_rot = 16} : tensor<1x3x32xf32>
  %kr = rlx.rope %k, %cos, %sin position(%c0) {head_dim = 16, n_rot = 16} : !heads
  // expected-remark@below {{fused: rotates Q and K itself}}
  %o = rlx.attention %qr, %kr, %k {num_heads = 2, num_kv_heads = 2, head_dim = 16} : tensor<1x3x32xf32>, !heads
  func.return %o : tensor<1x3x32xf32>
}

// CHECK-LABEL: func.func @no_rope_no_remark
// CHECK-NEXT: rlx.attention
func.func @no_rope_no_remark(%q: !heads) -> !heads {
  %o = rlx.attention %q, %q, %q {num_heads = 2, num_kv_heads = 2, head_dim = 16} : !heads, !heads
  func.return %o : !heads
}

// CHECK-LABEL: func.func @rope_on_q_only
// CHECK: rlx.rope
// CHECK-NEXT: rlx.attention %qr, %k, %v
func.func @rope_on_q_only(%q: !heads, %k: !heads, %v: !heads, %cos: !table, %sin: !table) -> !heads {
  %qr = rlx.rope %q, %cos, %sin {head_dim = 16, n_rot = 16} : !heads
  // expected-remark@below {{missed: only Q is rotated}}
  %o = rlx.attention %qr, %k, %v {num_heads = 2, num_kv_heads = 2, head_dim = 16} : !heads, !heads
  func.return %o : !heads
}

// CHECK-LABEL: func.func @rope_on_k_only
// CHECK: rlx.rope
// CHECK-NEXT: rlx.attention %q, %kr, %v
func.func @rope_on_k_only(%q: !heads, %k: !heads, %v: !heads, %cos: !table, %sin: !table) -> !heads {
  %kr = rlx.rope %k, %cos, %sin {head_dim = 16, n_rot = 16} : !heads
  // expected-remark@below {{missed: only K is rotated}}
  %o = rlx.attention %q, %kr, %v {num_heads = 2, num_kv_heads = 2, head_dim = 16} : !heads, !heads
  func.return %o : !heads
}

// CHECK-LABEL: func.func @k_has_another_user
// CHECK-COUNT-2: rlx.rope
// CHECK: rlx.attention %qr, %kr, %s
func.func @k_has_another_user(%q: !heads, %k: !heads, %v: !heads, %cos: !table, %sin: !table) -> !heads {
  %qr = rlx.rope %q, %cos, %sin {head_dim = 16, n_rot = 16} : !heads
  %kr = rlx.rope %k, %cos, %sin {head_dim = 16, n_rot = 16} : !heads
  %s = arith.addf %kr, %v : !heads
  // expected-remark@below {{missed: the rotated K has another user: it would be rotated twice}}
  %o = rlx.attention %qr, %kr, %s {num_heads = 2, num_kv_heads = 2, head_dim = 16} : !heads, !heads
  func.return %o : !heads
}

// A cache keeps the rotated keys.
// CHECK-LABEL: func.func @k_is_returned
// CHECK-COUNT-2: rlx.rope
// CHECK: rlx.attention %qr, %kr, %v
func.func @k_is_returned(%q: !heads, %k: !heads, %v: !heads, %cos: !table, %sin: !table) -> (!heads, !heads) {
  %qr = rlx.rope %q, %cos, %sin {head_dim = 16, n_rot = 16} : !heads
  %kr = rlx.rope %k, %cos, %sin {head_dim = 16, n_rot = 16} : !heads
  // expected-remark@below {{missed: the rotated K has another user: it would be rotated twice}}
  %o = rlx.attention %qr, %kr, %v {num_heads = 2, num_kv_heads = 2, head_dim = 16} : !heads, !heads
  func.return %o, %kr : !heads, !heads
}

// CHECK-LABEL: func.func @q_is_returned
// CHECK-COUNT-2: rlx.rope
// CHECK: rlx.attention %qr, %kr, %v
func.func @q_is_returned(%q: !heads, %k: !heads, %v: !heads, %cos: !table, %sin: !table) -> (!heads, !heads) {
  %qr = rlx.rope %q, %cos, %sin {head_dim = 16, n_rot = 16} : !heads
  %kr = rlx.rope %k, %cos, %sin {head_dim = 16, n_rot = 16} : !heads
  // expected-remark@below {{missed: the rotated Q has another user: it would be rotated twice}}
  %o = rlx.attention %qr, %kr, %v {num_heads = 2, num_kv_heads = 2, head_dim = 16} : !heads, !heads
  func.return %o, %qr : !heads, !heads
}

// CHECK-LABEL: func.func @v_is_the_rotated_k
// CHECK-COUNT-2: rlx.rope
// CHECK: rlx.attention %qr, %kr, %kr
func.func @v_is_the_rotated_k(%q: !heads, %k: !heads, %v: !heads, %cos: !table, %sin: !table) -> !heads {
  %qr = rlx.rope %q, %cos, %sin {head_dim = 16, n_rot = 16} : !heads
  %kr = rlx.rope %k, %cos, %sin {head_dim = 16, n_rot = 16} : !heads
  // expected-remark@below {{missed: V is the rotated K, which would have to be rotated once more}}
  %o = rlx.attention %qr, %kr, %kr {num_heads = 2, num_kv_heads = 2, head_dim = 16} : !heads, !heads
  func.return %o : !heads
}

// CHECK-LABEL: func.func @two_tables
// CHECK-COUNT-2: rlx.rope
// CHECK: rlx.attention %qr, %kr, %v
func.func @two_tables(%q: !heads, %k: !heads, %v: !heads, %cos: !table, %sin: !table, %cos2: !table) -> !heads {
  %qr = rlx.rope %q, %cos, %sin {head_dim = 16, n_rot = 16} : !heads
  %kr = rlx.rope %k, %cos2, %sin {head_dim = 16, n_rot = 16} : !heads
  // expected-remark@below {{missed: Q and K are rotated by different tables}}
  %o = rlx.attention %qr, %kr, %v {num_heads = 2, num_kv_heads = 2, head_dim = 16} : !heads, !heads
  func.return %o : !heads
}

// CHECK-LABEL: func.func @different_n_rot
// CHECK-COUNT-2: rlx.rope
// CHECK: rlx.attention %qr, %kr, %v
func.func @different_n_rot(%q: !heads, %k: !heads, %v: !heads, %cos: !table, %sin: !table, %cos4: tensor<99x4xf32>, %sin4: tensor<99x4xf32>) -> !heads {
  %qr = rlx.rope %q, %cos, %sin {head_dim = 16, n_rot = 16} : !heads
  %kr = rlx.rope %k, %cos4, %sin4 {head_dim = 16, n_rot = 8} : !heads
  // expected-remark@below {{missed: Q is rotated with n_rot = 16, K with n_rot = 8}}
  %o = rlx.attention %qr, %kr, %v {num_heads = 2, num_kv_heads = 2, head_dim = 16} : !heads, !heads
  func.return %o : !heads
}

// CHECK-LABEL: func.func @different_styles
// CHECK-COUNT-2: rlx.rope
// CHECK: rlx.attention %qr, %kr, %v
func.func @different_styles(%q: !heads, %k: !heads, %v: !heads, %cos: !table, %sin: !table) -> !heads {
  %qr = rlx.rope %q, %cos, %sin style(interleaved) {head_dim = 16, n_rot = 16} : !heads
  %kr = rlx.rope %k, %cos, %sin {head_dim = 16, n_rot = 16} : !heads
  // expected-remark@below {{missed: Q is rotated in style interleaved, K in style half}}
  %o = rlx.attention %qr, %kr, %v {num_heads = 2, num_kv_heads = 2, head_dim = 16} : !heads, !heads
  func.return %o : !heads
}

// The rotation takes the features of K for one head, the attention for two.
// CHECK-LABEL: func.func @heads_mismatch
// CHECK-COUNT-2: rlx.rope
// CHECK: rlx.attention %qr, %kr, %v
func.func @heads_mismatch(%q: !heads, %k: !heads, %v: !heads, %cos: !table, %sin: !table) -> !heads {
  %qr = rlx.rope %q, %cos, %sin {head_dim = 16, n_rot = 16} : !heads
  %kr = rlx.rope %k, %cos, %sin {head_dim = 32, n_rot = 16} : !heads
  // expected-remark@below {{missed: K is rotated with head_dim = 32, but the attention has head_dim = 16}}
  %o = rlx.attention %qr, %kr, %v {num_heads = 2, num_kv_heads = 2, head_dim = 16} : !heads, !heads
  func.return %o : !heads
}

// CHECK-LABEL: func.func @rotated_already
// CHECK-COUNT-2: rlx.rope
// CHECK: rlx.attention %qr, %kr, %v
func.func @rotated_already(%q: !heads, %k: !heads, %v: !heads, %cos: !table, %sin: !table) -> !heads {
  %qr = rlx.rope %q, %cos, %sin {head_dim = 16, n_rot = 16} : !heads
  %kr = rlx.rope %k, %cos, %sin {head_dim = 16, n_rot = 16} : !heads
  // expected-remark@below {{missed: the attention rotates Q and K already}}
  %o = rlx.attention %qr, %kr, %v rope(%cos, %sin) {num_heads = 2, num_kv_heads = 2, head_dim = 16, n_rot = 16} : !heads, !heads
  func.return %o : !heads
}

// CHECK-LABEL: func.func @gain_after_rotation
// CHECK-COUNT-2: rlx.rope
// CHECK: rlx.attention %qr, %kr, %v
func.func @gain_after_rotation(%q: !heads, %k: !heads, %v: !heads, %cos: !table, %sin: !table, %g: tensor<16xf32>) -> !heads {
  %qr = rlx.rope %q, %cos, %sin {head_dim = 16, n_rot = 16} : !heads
  %kr = rlx.rope %k, %cos, %sin {head_dim = 16, n_rot = 16} : !heads
  // expected-remark@below {{missed: k_gain multiplies the rotated K; fused, it would come before the rotation}}
  %o = rlx.attention %qr, %kr, %v k_gain(%g) {num_heads = 2, num_kv_heads = 2, head_dim = 16} : !heads, !heads
  func.return %o : !heads
}

// CHECK-LABEL: func.func @k_has_a_position
// CHECK-COUNT-2: rlx.rope
// CHECK: rlx.attention %qr, %kr, %v
func.func @k_has_a_position(%q: !heads, %k: !heads, %v: !heads, %cos: !table, %sin: !table, %p: index) -> !heads {
  %qr = rlx.rope %q, %cos, %sin {head_dim = 16, n_rot = 16} : !heads
  %kr = rlx.rope %k, %cos, %sin position(%p) {head_dim = 16, n_rot = 16} : !heads
  // expected-remark@below {{missed: K is rotated from a position, but the keys of an attention start at position 0}}
  %o = rlx.attention %qr, %kr, %v {num_heads = 2, num_kv_heads = 2, head_dim = 16} : !heads, !heads
  func.return %o : !heads
}

// CHECK-LABEL: func.func @q_has_a_position
// CHECK-COUNT-2: rlx.rope
// CHECK: rlx.attention %qr, %kr, %v
func.func @q_has_a_position(%q: !heads, %k: !heads, %v: !heads, %cos: !table, %sin: !table, %p: index) -> !heads {
  %qr = rlx.rope %q, %cos, %sin position(%p) {head_dim = 16, n_rot = 16} : !heads
  %kr = rlx.rope %k, %cos, %sin {head_dim = 16, n_rot = 16} : !heads
  // expected-remark@below {{missed: Q is rotated from a position, but the attention has no query_offset}}
  %o = rlx.attention %qr, %kr, %v {num_heads = 2, num_kv_heads = 2, head_dim = 16} : !heads, !heads
  func.return %o : !heads
}

// CHECK-LABEL: func.func @q_has_no_position
// CHECK-COUNT-2: rlx.rope
// CHECK: rlx.attention %qr, %kr, %v
func.func @q_has_no_position(%q: !heads, %k: !heads, %v: !heads, %cos: !table, %sin: !table, %p: index) -> !heads {
  %qr = rlx.rope %q, %cos, %sin {head_dim = 16, n_rot = 16} : !heads
  %kr = rlx.rope %k, %cos, %sin {head_dim = 16, n_rot = 16} : !heads
  // expected-remark@below {{missed: Q is rotated from another position than query_offset}}
  %o = rlx.attention %qr, %kr, %v query_offset(%p) {num_heads = 2, num_kv_heads = 2, head_dim = 16} : !heads, !heads
  func.return %o : !heads
}

// CHECK-LABEL: func.func @q_has_another_position
// CHECK-COUNT-2: rlx.rope
// CHECK: rlx.attention %qr, %kr, %v
func.func @q_has_another_position(%q: !heads, %k: !heads, %v: !heads, %cos: !table, %sin: !table, %p: index, %n: index) -> !heads {
  %qr = rlx.rope %q, %cos, %sin position(%p) {head_dim = 16, n_rot = 16} : !heads
  %kr = rlx.rope %k, %cos, %sin {head_dim = 16, n_rot = 16} : !heads
  // expected-remark@below {{missed: Q is rotated from another position than query_offset}}
  %o = rlx.attention %qr, %kr, %v query_offset(%n) {num_heads = 2, num_kv_heads = 2, head_dim = 16} : !heads, !heads
  func.return %o : !heads
}

// CHECK-LABEL: func.func @valid_keys_are_fewer
// CHECK-COUNT-2: rlx.rope
// CHECK: rlx.attention %qr, %kr, %v
func.func @valid_keys_are_fewer(%q: !heads, %k: !heads, %v: !heads, %cos: !table, %sin: !table, %n: index) -> !heads {
  %qr = rlx.rope %q, %cos, %sin {head_dim = 16, n_rot = 16} : !heads
  %kr = rlx.rope %k, %cos, %sin {head_dim = 16, n_rot = 16} : !heads
  // expected-remark@below {{missed: Q is rotated from position 0, but kv_length aligns the queries with the last valid key}}
  %o = rlx.attention %qr, %kr, %v kv_length(%n) {num_heads = 2, num_kv_heads = 2, head_dim = 16} : !heads, !heads
  func.return %o : !heads
}

// CHECK-LABEL: func.func @unknown_lengths
// CHECK-COUNT-2: rlx.rope
// CHECK: rlx.attention %qr, %kr, %v
func.func @unknown_lengths(%q: !any_heads, %k: !any_heads, %v: !any_heads, %cos: !table, %sin: !table) -> !any_heads {
  %qr = rlx.rope %q, %cos, %sin {head_dim = 16, n_rot = 16} : !any_heads
  %kr = rlx.rope %k, %cos, %sin {head_dim = 16, n_rot = 16} : !any_heads
  // expected-remark@below {{missed: Q is rotated from position 0, but queries and keys are not known to be equally many}}
  %o = rlx.attention %qr, %kr, %v {num_heads = 2, num_kv_heads = 2, head_dim = 16} : !any_heads, !any_heads
  func.return %o : !any_heads
}

// CHECK-LABEL: func.func @fewer_queries
// CHECK-COUNT-2: rlx.rope
// CHECK: rlx.attention %qr, %kr, %v
func.func @fewer_queries(%q: tensor<1x3x32xf32>, %k: !heads, %v: !heads, %cos: !table, %sin: !table) -> tensor<1x3x32xf32> {
  %qr = rlx.rope %q, %cos, %sin {head_dim = 16, n_rot = 16} : tensor<1x3x32xf32>
  %kr = rlx.rope %k, %cos, %sin {head_dim = 16, n_rot = 16} : !heads
  // expected-remark@below {{missed: Q is rotated from position 0, but queries and keys are not known to be equally many}}
  %o = rlx.attention %qr, %kr, %v {num_heads = 2, num_kv_heads = 2, head_dim = 16} : tensor<1x3x32xf32>, !heads
  func.return %o : tensor<1x3x32xf32>
}

// CHECK-LABEL: func.func @offset_of_other_lengths
// CHECK-COUNT-2: rlx.rope
// CHECK: rlx.attention %qr, %kr, %v
func.func @offset_of_other_lengths(%q: !any_heads, %k: !any_heads, %v: !any_heads, %cos: !table, %sin: !table, %m: index, %n: index) -> !any_heads {
  %p = arith.subi %m, %n : index
  %qr = rlx.rope %q, %cos, %sin position(%p) {head_dim = 16, n_rot = 16} : !any_heads
  %kr = rlx.rope %k, %cos, %sin {head_dim = 16, n_rot = 16} : !any_heads
  // expected-remark@below {{missed: Q is rotated from a position, but the attention has no query_offset}}
  %o = rlx.attention %qr, %kr, %v {num_heads = 2, num_kv_heads = 2, head_dim = 16} : !any_heads, !any_heads
  func.return %o : !any_heads
}

// CHECK-LABEL: func.func @repeat_kv_between
// CHECK-COUNT-2: rlx.rope
// CHECK: rlx.attention %qr, %kk, %v
func.func @repeat_kv_between(%q: !heads, %k: tensor<1x8x16xf32>, %v: !heads, %cos: !table, %sin: !table) -> !heads {
  %qr = rlx.rope %q, %cos, %sin {head_dim = 16, n_rot = 16} : !heads
  %kr = rlx.rope %k, %cos, %sin {head_dim = 16, n_rot = 16} : tensor<1x8x16xf32>
  %kk = rlx.repeat_kv %kr {head_dim = 16, group = 2} : tensor<1x8x16xf32> -> !heads
  // expected-remark@below {{missed: repeat_kv stands between the rotation and the attention; run rlx-eliminate-repeat-kv first}}
  %o = rlx.attention %qr, %kk, %v {num_heads = 2, num_kv_heads = 2, head_dim = 16} : !heads, !heads
  func.return %o : !heads
}

// CHECK-LABEL: func.func @cached_keys
// CHECK-COUNT-2: rlx.rope
// CHECK: rlx.attention %qr, %c, %v
func.func @cached_keys(%q: !heads, %k: !heads, %v: !cache, %cache: !cache, %p: index, %cos: !table, %sin: !table) -> !heads {
  %qr = rlx.rope %q, %cos, %sin position(%p) {head_dim = 16, n_rot = 16} : !heads
  %kr = rlx.rope %k, %cos, %sin position(%p) {head_dim = 16, n_rot = 16} : !heads
  %c = rlx.kv_append %cache, %kr position(%p) : !cache, !heads
  // expected-remark@below {{missed: only Q is rotated: K comes from a cache, which keeps keys as they were rotated}}
  %o = rlx.attention %qr, %c, %v {num_heads = 2, num_kv_heads = 2, head_dim = 16} : !heads, !cache
  func.return %o : !heads
}

// Nothing checks that the callers of a private function keep to the names of its dimensions.
// CHECK-LABEL: func.func private @lengths_of_one_name_in_private
// CHECK: rlx.attention %qr, %kr, %k {
func.func private @lengths_of_one_name_in_private(%q: !any_heads {rlx.dims = ["S"]}, %k: !any_heads {rlx.dims = ["S"]}, %cos: !table, %sin: !table) -> !any_heads {
  %qr = rlx.rope %q, %cos, %sin {head_dim = 16, n_rot = 16} : !any_heads
  %kr = rlx.rope %k, %cos, %sin {head_dim = 16, n_rot = 16} : !any_heads
  // expected-remark@below {{missed: Q is rotated from position 0, but queries and keys are not known to be equally many}}
  %o = rlx.attention %qr, %kr, %k {num_heads = 2, num_kv_heads = 2, head_dim = 16} : !any_heads, !any_heads
  func.return %o : !any_heads
}
