// RUN: rlxc opt -p rlx-unfuse --remarks --verify-diagnostics %s | filecheck %s

!q = tensor<1x?x64xf32>
!kv = tensor<1x?x16xf32>
!x = tensor<1x8x64xf32>
!k = tensor<1x8x16xf32>
!w = tensor<64x64xf32>
!table = tensor<99x8xf32>

// The gain leaves first, then the rotation, then the groups.
// CHECK-LABEL: func.func @attention
// CHECK-NEXT: %n = rlx.rms_norm %p {eps = 1.000000e-06 : f64, head_dim = 16 : i64}
// CHECK-NEXT: %[[K:.*]] = rlx.rms_norm %p gamma(%g) {eps = 1.000000e-06 : f64, head_dim = 16 : i64}
// CHECK-NEXT: %[[QR:.*]] = rlx.rope %q, %cos, %sin style(interleaved) {head_dim = 16 : i64, n_rot = 16 : i64} : tensor<1x8x64xf32>
// CHECK-NEXT: %[[KR:.*]] = rlx.rope %[[K]], %cos, %sin style(interleaved) {head_dim = 16 : i64, n_rot = 16 : i64} : tensor<1x8x16xf32>
// CHECK-NEXT: %[[KK:.*]] = rlx.repeat_kv %[[KR]] {head_dim = 16 : i64, group = 4 : i64}
// CHECK-NEXT: %[[VV:.*]] = rlx.repeat_kv %n {head_dim = 16 : i64, group = 4 : i64}
// CHECK-NEXT: rlx.attention %[[QR]], %[[KK]], %[[VV]] mask(causal) padding(%pad) bias(%b) {num_heads = 4 : i64, num_kv_heads = 4 : i64, head_dim = 16 : i64, scale = 5.000000e-01 : f64, softcap = 5.000000e+01 : f64}
func.func @attention(%q: !x, %p: !k, %g: tensor<16xf32>, %cos: !table, %sin: !table, %pad: tensor<1x8xi1>, %b: tensor<1x1x8x8xf32>) -> !x {
  %n = rlx.rms_norm %p {eps = 1.0e-6 : f64, head_dim = 16} : !k
  // expected-remark@below {{unfused: k_gain is the weight of a norm of K}}
  // expected-remark@below {{unfused: Q and K are rotated before the attention}}
  // expected-remark@below {{unfused: each key/value head is copied for a group of 4}}
  %o = rlx.attention %q, %n, %n rope(%cos, %sin) style(interleaved) k_gain(%g) mask(causal) padding(%pad) bias(%b)
    {num_heads = 4, num_kv_heads = 1, head_dim = 16, n_rot = 16, scale = 0.5 : f64, softcap = 50.0 : f64} : !x, !k
  func.return %o : !x
}

// One value for K and V stays one value.
// CHECK-LABEL: func.func @v_is_k
// CHECK-NEXT: %[[KK:.*]] = rlx.repeat_kv %k
// CHECK-NEXT: rlx.attention %q, %[[KK]], %[[KK]] {num_heads = 4 : i64, num_kv_heads = 4 : i64
func.func @v_is_k(%q: !q, %k: !kv) -> !q {
  // expected-remark@below {{unfused: each key/value head is copied for a group of 4}}
  %o = rlx.attention %q, %k, %k {num_heads = 4, num_kv_heads = 1, head_dim = 16} : !q, !kv
  func.return %o : !q
}

// Queries are rotated from where the attention has them.
// CHECK-LABEL: func.func @from_query_offset
// CHECK: rlx.rope %q, %cos, %sin position(%p)
// CHECK-NEXT: rlx.rope %k, %cos, %sin {head_dim
// CHECK-NEXT: rlx.attention %{{.*}}, %{{.*}}, %k kv_length(%n) query_offset(%p)
func.func @from_query_offset(%q: !q, %k: !q, %cos: !table, %sin: !table, %n: index, %p: index) -> !q {
  // expected-remark@below {{unfused: Q and K are rotated before the attention}}
  %o = rlx.attention %q, %k, %k rope(%cos, %sin) kv_length(%n) query_offset(%p) {num_heads = 4, num_kv_heads = 4, head_dim = 16, n_rot = 16} : !q, !q
  func.return %o : !q
}

// CHECK-LABEL: func.func @from_the_valid_keys
// CHECK: %q_len = tensor.dim %q, %{{.*}}
// CHECK-NEXT: %query_offset = arith.subi %n, %q_len : index
// CHECK-NEXT: rlx.rope %q, %cos, %sin position(%query_offset)
// CHECK-NEXT: rlx.rope %k, %cos, %sin {head_dim
// CHECK-NEXT: rlx.attention %{{.*}}, %{{.*}}, %k kv_length(%n) {
func.func @from_the_valid_keys(%q: !q, %k: !q, %cos: !table, %sin: !table, %n: index) -> !q {
  // expected-remark@below {{unfused: Q and K are rotated before the attention}}
  %o = rlx.attention %q, %k, %k rope(%cos, %sin) kv_length(%n) {num_heads = 4, num_kv_heads = 4, head_dim = 16, n_rot = 16} : !q, !q
  func.return %o : !q
}

// CHECK-LABEL: func.func @from_all_keys
// CHECK: %q_len = tensor.dim %q, %{{.*}}
// CHECK-NEXT: %kv_len = tensor.dim %k, %{{.*}}
// CHECK-NEXT: %query_offset = arith.subi %kv_len, %q_len : index
// CHECK-NEXT: rlx.rope %q, %cos, %sin position(%query_offset)
func.func @from_all_keys(%q: !q, %k: !q, %cos: !table, %sin: !table) -> !q {
  // expected-remark@below {{unfused: Q and K are rotated before the attention}}
  %o = rlx.attention %q, %k, %k rope(%cos, %sin) {num_heads = 4, num_kv_heads = 4, head_dim = 16, n_rot = 16} : !q, !q
  func.return %o : !q
}

// CHECK-LABEL: func.func @projections
// CHECK-NEXT: %[[WQ:.*]] = rlx.param "q" transposed : tensor<64x64xf32>
// CHECK-NEXT: %[[WK:.*]] = rlx.param "k" transposed : tensor<64x16xf32>
// CHECK-NEXT: %[[BQ:.*]] = rlx.param "q.bias" : tensor<64xf32>
// CHECK-NEXT: %[[BK:.*]] = rlx.param "k.bias" : tensor<16xf32>
// CHECK-NEXT: %q = rlx.matmul %x, %[[WQ]] bias(%[[BQ]]) activation(silu)
// CHECK-NEXT: %k = rlx.matmul %x, %[[WK]] bias(%[[BK]]) activation(silu)
// CHECK-NEXT: return %q, %k
func.func @projections(%x: !x) -> (!x, !k) {
  %w = rlx.param "q", "k" transposed : tensor<64x80xf32>
  %b = rlx.param "q.bias", "k.bias" : tensor<80xf32>
  %m = rlx.matmul %x, %w bias(%b) activation(silu) : !x, tensor<64x80xf32>
  // expected-remark@below {{unfused: 2 projections, each by a weight of its own}}
  %q, %k = rlx.split %m sizes [64, 16] : tensor<1x8x80xf32> -> !x, !k
  func.return %q, %k : !x, !k
}

// The gated projection is one of two keys, so that it becomes two.
// CHECK-LABEL: func.func @glu
// CHECK-NEXT: %[[GATE:.*]] = rlx.param "gate" transposed : tensor<64x64xf32>
// CHECK-NEXT: %[[UP:.*]] = rlx.param "up" transposed : tensor<64x64xf32>
// CHECK-NEXT: %gate = rlx.matmul %x, %[[GATE]] : tensor<1x8x64xf32>, tensor<64x64xf32>
// CHECK-NEXT: %up = rlx.matmul %x, %[[UP]] : tensor<1x8x64xf32>, tensor<64x64xf32>
// CHECK-NEXT: %y = rlx.glu %gate, %up activation(gelu) : tensor<1x8x64xf32>
// CHECK-NEXT: func.return %y
func.func @glu(%x: !x) -> !x {
  %w = rlx.param "gate", "up" transposed : tensor<64x128xf32>
  // expected-remark@below {{unfused: gate and up are projected, and then gated}}
  // expected-remark@below {{unfused: 2 projections, each by a weight of its own}}
  %y = rlx.glu_matmul %x, %w activation(gelu) : !x, tensor<64x128xf32> -> !x
  func.return %y : !x
}

// CHECK-LABEL: func.func @glu_by_one_weight
// CHECK-NEXT: %gate_up = rlx.matmul %x, %w
// CHECK-NEXT: %gate, %up = rlx.split %gate_up sizes [32, 32]
// CHECK-NEXT: %y = rlx.glu %gate, %up activation(silu) : tensor<1x8x32xf32>
func.func @glu_by_one_weight(%x: !x, %w: !w) -> tensor<1x8x32xf32> {
  // expected-remark@below {{unfused: gate and up are projected, and then gated}}
  %y = rlx.glu_matmul %x, %w activation(silu) : !x, !w -> tensor<1x8x32xf32>
  func.return %y : tensor<1x8x32xf32>
}

// Bias and activation stay.
// CHECK-LABEL: func.func @residual
// CHECK-NEXT: %[[M:.*]] = rlx.matmul %x, %w bias(%b) activation(gelu) : tensor<1x8x64xf32>, tensor<64x64xf32>
// CHECK-NEXT: arith.addf %[[M]], %r : tensor<1x8x64xf32>
func.func @residual(%x: !x, %w: !w, %b: tensor<64xf32>, %r: !x) -> !x {
  // expected-remark@below {{unfused: the residual is added after the matmul}}
  %y = rlx.matmul %x, %w bias(%b) activation(gelu) residual(%r) : !x, !w
  func.return %y : !x
}

// CHECK-LABEL: func.func @add_rms_norm
// CHECK-NEXT: %s = arith.addf %x, %r : tensor<1x8x64xf32>
// CHECK-NEXT: %n = rlx.rms_norm %s gamma(%g) {eps = 1.000000e-05 : f64, offset = 1.000000e+00 : f64}
// CHECK-NEXT: return %s, %n
func.func @add_rms_norm(%x: !x, %r: !x, %g: tensor<64xf32>) -> (!x, !x) {
  // expected-remark@below {{unfused: the sum and its norm are two operations}}
  %s, %n = rlx.add_rms_norm %x, %r, %g {eps = 1.0e-5 : f64, offset = 1.0 : f64} : !x
  func.return %s, %n : !x, !x
}

// CHECK-LABEL: func.func @a_weight_of_one_key
// CHECK: rlx.split
func.func @a_weight_of_one_key(%x: !x) -> (!x, !x) {
  %w = rlx.param "gate_up" transposed : tensor<64x128xf32>
  %m = rlx.matmul %x, %w : !x, tensor<64x128xf32>
  %g, %u = rlx.split %m sizes [64, 64] : tensor<1x8x128xf32> -> !x, !x
  func.return %g, %u : !x, !x
}

// There is no operation for a gain alone, and the rotation comes after it.
// CHECK-LABEL: func.func @gain_without_norm
// CHECK-NEXT: rlx.attention %q, %k, %k rope(%cos, %sin) k_gain(%g)
func.func @gain_without_norm(%q: !x, %k: !x, %g: tensor<16xf32>, %cos: !table, %sin: !table) -> !x {
  // expected-remark@below {{missed: K is not the weightless norm of each head, so k_gain is the weight of no norm}}
  // expected-remark@below {{missed: k_gain comes before the rotation, so the rotation cannot leave before it}}
  %o = rlx.attention %q, %k, %k rope(%cos, %sin) k_gain(%g) {num_heads = 4, num_kv_heads = 4, head_dim = 16, n_rot = 16} : !x, !x
  func.return %o : !x
}

// CHECK-LABEL: func.func @gain_on_a_norm_of_all_heads
// CHECK: rlx.attention %q, %k, %k k_gain(%g)
func.func @gain_on_a_norm_of_all_heads(%q: !x, %p: !x, %g: tensor<16xf32>) -> !x {
  %k = rlx.rms_norm %p {eps = 1.0e-6 : f64} : !x
  // expected-remark@below {{missed: K is not the weightless norm of each head}}
  %o = rlx.attention %q, %k, %k k_gain(%g) {num_heads = 4, num_kv_heads = 4, head_dim = 16} : !x, !x
  func.return %o : !x
}

// CHECK-LABEL: func.func @gain_on_a_weighted_norm
// CHECK: rlx.attention %q, %k, %k k_gain(%g)
func.func @gain_on_a_weighted_norm(%q: !x, %p: !x, %g: tensor<16xf32>) -> !x {
  %k = rlx.rms_norm %p gamma(%g) {eps = 1.0e-6 : f64, head_dim = 16} : !x
  // expected-remark@below {{missed: K is not the weightless norm of each head}}
  %o = rlx.attention %q, %k, %k k_gain(%g) {num_heads = 4, num_kv_heads = 4, head_dim = 16} : !x, !x
  func.return %o : !x
}

// CHECK-LABEL: func.func @more_keys_than_parts
// CHECK: rlx.split
func.func @more_keys_than_parts(%x: !x) -> (!x, !x) {
  %w = rlx.param "q", "k", "v" : tensor<64x128xf32>
  %m = rlx.matmul %x, %w : !x, tensor<64x128xf32>
  // expected-remark@below {{missed: the weight has 3 keys, but the projection 2 parts}}
  %q, %kv = rlx.split %m sizes [64, 64] : tensor<1x8x128xf32> -> !x, !x
  func.return %q, %kv : !x, !x
}

// CHECK-LABEL: func.func @bias_of_one_key
// CHECK: rlx.split
func.func @bias_of_one_key(%x: !x) -> (!x, !x) {
  %w = rlx.param "q", "k" : tensor<64x128xf32>
  %b = rlx.param "qk.bias" : tensor<128xf32>
  %m = rlx.matmul %x, %w bias(%b) : !x, tensor<64x128xf32>
  // expected-remark@below {{missed: the bias has 1 keys, but the projection 2 parts}}
  %q, %k = rlx.split %m sizes [64, 64] : tensor<1x8x128xf32> -> !x, !x
  func.return %q, %k : !x, !x
}

// CHECK-LABEL: func.func @digest_of_all_keys
// CHECK: rlx.split
func.func @digest_of_all_keys(%x: !x) -> (!x, !x) {
  %w = rlx.param "q", "k" digest("abc") : tensor<64x128xf32>
  %m = rlx.matmul %x, %w : !x, tensor<64x128xf32>
  // expected-remark@below {{missed: the digest of the weight is that of all its keys together}}
  %q, %k = rlx.split %m sizes [64, 64] : tensor<1x8x128xf32> -> !x, !x
  func.return %q, %k : !x, !x
}

// CHECK-LABEL: func.func @projection_is_returned
// CHECK: rlx.split
func.func @projection_is_returned(%x: !x) -> (!x, !x, tensor<1x8x128xf32>) {
  %w = rlx.param "q", "k" : tensor<64x128xf32>
  %m = rlx.matmul %x, %w : !x, tensor<64x128xf32>
  // expected-remark@below {{missed: the merged projection has another user, and would be computed twice}}
  %q, %k = rlx.split %m sizes [64, 64] : tensor<1x8x128xf32> -> !x, !x
  func.return %q, %k, %m : !x, !x, tensor<1x8x128xf32>
}
