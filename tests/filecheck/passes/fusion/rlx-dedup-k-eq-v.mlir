// RUN: rlxc opt -p rlx-dedup-k-eq-v --remarks --verify-diagnostics %s | filecheck %s

!x = tensor<1x?x32xf32>
!w = tensor<32x32xf32>
!b = tensor<32xf32>
!g = tensor<16xf32>
!table = tensor<99x8xf32>

// One matmul by weights of one key.

// CHECK-LABEL: func.func @same_key
// CHECK: %k = rlx.matmul %x, %wk
// CHECK-NEXT: rlx.attention %x, %k, %k
func.func @same_key(%x: !x) -> !x {
  %wk = rlx.param "k" : !w
  %wv = rlx.param "k" : !w
  %k = rlx.matmul %x, %wk : !x, !w
  %v = rlx.matmul %x, %wv : !x, !w
  // expected-remark@below {{fused: V is the projection of K by 'k': one matmul less}}
  %o = rlx.attention %x, %k, %v {num_heads = 2, num_kv_heads = 2, head_dim = 16} : !x, !x
  func.return %o : !x
}

// CHECK-LABEL: func.func @same_digest
// CHECK: %wk = rlx.param "k" transposed digest("abc")
// CHECK-NEXT: %k = rlx.matmul %x, %wk
// CHECK-NEXT: rlx.attention %x, %k, %k
func.func @same_digest(%x: !x) -> !x {
  %wk = rlx.param "k" transposed digest("abc") : !w
  %wv = rlx.param "v" transposed digest("abc") : !w
  %k = rlx.matmul %x, %wk : !x, !w
  %v = rlx.matmul %x, %wv : !x, !w
  // expected-remark@below {{fused: V is the projection of K by 'k': one matmul less}}
  %o = rlx.attention %x, %k, %v {num_heads = 2, num_kv_heads = 2, head_dim = 16} : !x, !x
  func.return %o : !x
}

// V comes first, and stays; biases and activations are equal.
// CHECK-LABEL: func.func @same_value
// CHECK: %v = rlx.matmul %x, %w bias(%bv) activation(silu)
// CHECK-NEXT: rlx.attention %x, %v, %v
func.func @same_value(%x: !x, %w: !w) -> !x {
  %bk = rlx.param "b" : !b
  %bv = rlx.param "b" : !b
  %v = rlx.matmul %x, %w bias(%bv) activation(silu) : !x, !w
  %k = rlx.matmul %x, %w bias(%bk) activation(silu) : !x, !w
  // expected-remark@below {{fused: V is the projection of K by a weight that is no parameter: one matmul less}}
  %o = rlx.attention %x, %k, %v {num_heads = 2, num_kv_heads = 2, head_dim = 16} : !x, !x
  func.return %o : !x
}

// The projections are found through what is done to the heads of each.
// CHECK-LABEL: func.func @through_norm_rope_and_repetition
// CHECK: %k = rlx.matmul
// CHECK-NOT: rlx.matmul
// CHECK: rlx.rms_norm %k gamma(%g)
// CHECK: rlx.repeat_kv %k {head_dim
func.func @through_norm_rope_and_repetition(%x: !x, %q: tensor<1x?x64xf32>, %g: !g, %cos: !table, %sin: !table) -> tensor<1x?x64xf32> {
  %wk = rlx.param "k" : !w
  %wv = rlx.param "k" : !w
  %k = rlx.matmul %x, %wk : !x, !w
  %v = rlx.matmul %x, %wv : !x, !w
  %kn = rlx.rms_norm %k gamma(%g) {eps = 1.0e-6 : f64, head_dim = 16} : !x
  %kr = rlx.rope %kn, %cos, %sin {head_dim = 16, n_rot = 16} : !x
  %kk = rlx.repeat_kv %kr {head_dim = 16, group = 2} : !x -> tensor<1x?x64xf32>
  %vv = rlx.repeat_kv %v {head_dim = 16, group = 2} : !x -> tensor<1x?x64xf32>
  // expected-remark@below {{fused: V is the projection of K by 'k': one matmul less}}
  %o = rlx.attention %q, %kk, %vv {num_heads = 4, num_kv_heads = 4, head_dim = 16} : tensor<1x?x64xf32>, tensor<1x?x64xf32>
  func.return %o : tensor<1x?x64xf32>
}

// The weight of the norm of K becomes a gain.

// CHECK-LABEL: func.func @weighted_norm
// CHECK-NEXT: %v = rlx.rms_norm %p {eps = 1.000000e-06 : f64, head_dim = 16 : i64}
// CHECK-NEXT: rlx.attention %q, %v, %v rope(%cos, %sin) k_gain(%g) mask(causal) padding(%pad) {num_heads = 2 : i64, num_kv_heads = 2 : i64, head_dim = 16 : i64, n_rot = 16 : i64}
func.func @weighted_norm(%q: !x, %p: !x, %g: !g, %pad: tensor<1x?xi1>, %cos: !table, %sin: !table) -> !x {
  %k = rlx.rms_norm %p gamma(%g) {eps = 1.0e-6 : f64, head_dim = 16} : !x
  %v = rlx.rms_norm %p {eps = 1.0e-6 : f64, head_dim = 16} : !x
  // expected-remark@below {{fused: K is V times k_gain: one norm less, and 128 bytes a token of K need not be kept beside V}}
  %o = rlx.attention %q, %k, %v rope(%cos, %sin) mask(causal) padding(%pad) {num_heads = 2, num_kv_heads = 2, head_dim = 16, n_rot = 16} : !x, !x
  func.return %o : !x
}

// One head is as wide as the value, so that a norm of the value is one of the head.
// CHECK-LABEL: func.func @weighted_norm_of_one_head
// CHECK: rlx.attention %q, %v, %v k_gain(%g)
func.func @weighted_norm_of_one_head(%q: !x, %p: !x, %g: !b) -> !x {
  %k = rlx.rms_norm %p gamma(%g) {eps = 1.0e-6 : f64} : !x
  %v = rlx.rms_norm %p {eps = 1.0e-6 : f64, head_dim = 32} : !x
  // expected-remark@below {{fused: K is V times k_gain: one norm less}}
  %o = rlx.attention %q, %k, %v {num_heads = 1, num_kv_heads = 1, head_dim = 32} : !x, !x
  func.return %o : !x
}

// Equal projections first, then the norms of the one that is left.
// CHECK-LABEL: func.func @projection_and_norm
// CHECK: %pk = rlx.matmul
// CHECK-NEXT: %v = rlx.rms_norm %pk {eps
// CHECK-NEXT: rlx.attention %x, %v, %v k_gain(%g)
func.func @projection_and_norm(%x: !x, %g: !g) -> !x {
  %wk = rlx.param "k" : !w
  %wv = rlx.param "k" : !w
  %pk = rlx.matmul %x, %wk : !x, !w
  %pv = rlx.matmul %x, %wv : !x, !w
  %k = rlx.rms_norm %pk gamma(%g) {eps = 1.0e-6 : f64, head_dim = 16} : !x
  %v = rlx.rms_norm %pv {eps = 1.0e-6 : f64, head_dim = 16} : !x
  // expected-remark@below {{fused: V is the projection of K by 'k': one matmul less}}
  // expected-remark@below {{fused: K is V times k_gain: one norm less}}
  %o = rlx.attention %x, %k, %v {num_heads = 2, num_kv_heads = 2, head_dim = 16} : !x, !x
  func.return %o : !x
}

// K without a norm, V without a projection: nothing to compare.
// CHECK-LABEL: func.func @not_alike
// CHECK: rlx.attention %x, %k, %v
func.func @not_alike(%x: !x, %w: !w) -> !x {
  %k = rlx.matmul %x, %w : !x, !w
  %v = rlx.rms_norm %x {eps = 1.0e-6 : f64, head_dim = 16} : !x
  %o = rlx.attention %x, %k, %v {num_heads = 2, num_kv_heads = 2, head_dim = 16} : !x, !x
  func.return %o : !x
}

// Equal matmuls that do not feed one attention are the business of cse.
// CHECK-LABEL: func.func @not_attended
// CHECK-COUNT-2: rlx.matmul
func.func @not_attended(%x: !x) -> !x {
  %wk = rlx.param "k" : !w
  %wv = rlx.param "k" : !w
  %k = rlx.matmul %x, %wk : !x, !w
  %v = rlx.matmul %x, %wv : !x, !w
  %o = rlx.glu %k, %v activation(silu) : !x
  func.return %o : !x
}

// Projections that differ.

// CHECK-LABEL: func.func @v_is_not_k
// CHECK: rlx.attention %x, %k, %v
func.func @v_is_not_k(%x: !x) -> !x {
  %wk = rlx.param "k" : !w
  %wv = rlx.param "v" : !w
  %k = rlx.matmul %x, %wk : !x, !w
  %v = rlx.matmul %x, %wv : !x, !w
  // expected-remark@below {{missed: V is not K: they are projected by different weights, 'k' and 'v'}}
  %o = rlx.attention %x, %k, %v {num_heads = 2, num_kv_heads = 2, head_dim = 16} : !x, !x
  func.return %o : !x
}

// CHECK-LABEL: func.func @different_content
// CHECK: rlx.attention %x, %k, %v
func.func @different_content(%x: !x) -> !x {
  %wk = rlx.param "k" digest("abc") : !w
  %wv = rlx.param "v" digest("def") : !w
  %k = rlx.matmul %x, %wk : !x, !w
  %v = rlx.matmul %x, %wv : !x, !w
  // expected-remark@below {{missed: V is not K: they are projected by different weights, 'k' and 'v'}}
  %o = rlx.attention %x, %k, %v {num_heads = 2, num_kv_heads = 2, head_dim = 16} : !x, !x
  func.return %o : !x
}

// CHECK-LABEL: func.func @contradicting_digests
// CHECK: rlx.attention %x, %k, %v
func.func @contradicting_digests(%x: !x) -> !x {
  %wk = rlx.param "k" digest("abc") : !w
  %wv = rlx.param "k" digest("def") : !w
  %k = rlx.matmul %x, %wk : !x, !w
  %v = rlx.matmul %x, %wv : !x, !w
  // expected-remark@below {{missed: V is not K: they are projected by different digests of 'k'}}
  %o = rlx.attention %x, %k, %v {num_heads = 2, num_kv_heads = 2, head_dim = 16} : !x, !x
  func.return %o : !x
}

// CHECK-LABEL: func.func @transposed_once
// CHECK: rlx.attention %x, %k, %v
func.func @transposed_once(%x: !x) -> !x {
  %wk = rlx.param "k" : !w
  %wv = rlx.param "k" transposed : !w
  %k = rlx.matmul %x, %wk : !x, !w
  %v = rlx.matmul %x, %wv : !x, !w
  // expected-remark@below {{missed: V is not K: they are projected by one orientation each of 'k'}}
  %o = rlx.attention %x, %k, %v {num_heads = 2, num_kv_heads = 2, head_dim = 16} : !x, !x
  func.return %o : !x
}

// CHECK-LABEL: func.func @weights_are_arguments
// CHECK: rlx.attention %x, %k, %v
func.func @weights_are_arguments(%x: !x, %wk: !w, %wv: !w) -> !x {
  %k = rlx.matmul %x, %wk : !x, !w
  %v = rlx.matmul %x, %wv : !x, !w
  // expected-remark@below {{missed: V is not K: they are projected by different weights}}
  %o = rlx.attention %x, %k, %v {num_heads = 2, num_kv_heads = 2, head_dim = 16} : !x, !x
  func.return %o : !x
}

// CHECK-LABEL: func.func @different_inputs
// CHECK: rlx.attention %x, %k, %v
func.func @different_inputs(%x: !x, %y: !x, %w: !w) -> !x {
  %k = rlx.matmul %x, %w : !x, !w
  %v = rlx.matmul %y, %w : !x, !w
  // expected-remark@below {{missed: K and V are projections of different inputs}}
  %o = rlx.attention %x, %k, %v {num_heads = 2, num_kv_heads = 2, head_dim = 16} : !x, !x
  func.return %o : !x
}

// CHECK-LABEL: func.func @bias_of_v
// CHECK: rlx.attention %x, %k, %v
func.func @bias_of_v(%x: !x, %w: !w, %b: !b) -> !x {
  %k = rlx.matmul %x, %w : !x, !w
  %v = rlx.matmul %x, %w bias(%b) : !x, !w
  // expected-remark@below {{missed: only V has a bias}}
  %o = rlx.attention %x, %k, %v {num_heads = 2, num_kv_heads = 2, head_dim = 16} : !x, !x
  func.return %o : !x
}

// CHECK-LABEL: func.func @bias_of_k
// CHECK: rlx.attention %x, %k, %v
func.func @bias_of_k(%x: !x, %w: !w, %b: !b) -> !x {
  %k = rlx.matmul %x, %w bias(%b) : !x, !w
  %v = rlx.matmul %x, %w : !x, !w
  // expected-remark@below {{missed: only K has a bias}}
  %o = rlx.attention %x, %k, %v {num_heads = 2, num_kv_heads = 2, head_dim = 16} : !x, !x
  func.return %o : !x
}

// CHECK-LABEL: func.func @different_biases
// CHECK: rlx.attention %x, %k, %v
func.func @different_biases(%x: !x, %w: !w) -> !x {
  %bk = rlx.param "k.bias" : !b
  %bv = rlx.param "v.bias" : !b
  %k = rlx.matmul %x, %w bias(%bk) : !x, !w
  %v = rlx.matmul %x, %w bias(%bv) : !x, !w
  // expected-remark@below {{missed: V is not K: their biases are different weights, 'k.bias' and 'v.bias'}}
  %o = rlx.attention %x, %k, %v {num_heads = 2, num_kv_heads = 2, head_dim = 16} : !x, !x
  func.return %o : !x
}

// CHECK-LABEL: func.func @different_activations
// CHECK: rlx.attention %x, %k, %v
func.func @different_activations(%x: !x, %w: !w) -> !x {
  %k = rlx.matmul %x, %w : !x, !w
  %v = rlx.matmul %x, %w activation(silu) : !x, !w
  // expected-remark@below {{missed: the projections of K and V have different activations}}
  %o = rlx.attention %x, %k, %v {num_heads = 2, num_kv_heads = 2, head_dim = 16} : !x, !x
  func.return %o : !x
}

// CHECK-LABEL: func.func @different_residuals
// CHECK: rlx.attention %x, %k, %v
func.func @different_residuals(%x: !x, %w: !w) -> !x {
  %k = rlx.matmul %x, %w : !x, !w
  %v = rlx.matmul %x, %w residual(%x) : !x, !w
  // expected-remark@below {{missed: the projections of K and V have different residuals}}
  %o = rlx.attention %x, %k, %v {num_heads = 2, num_kv_heads = 2, head_dim = 16} : !x, !x
  func.return %o : !x
}

// CHECK-LABEL: func.func @different_blocks
// CHECK: rlx.attention %x, %k, %v
func.func @different_blocks(%x: !x, %w: !w, %c: i1) -> !x {
  %k = rlx.matmul %x, %w : !x, !w
  %r = scf.if %c -> (!x) {
    %v = rlx.matmul %x, %w : !x, !w
    // expected-remark@below {{missed: the projections of K and V stand in different blocks}}
    %o = rlx.attention %x, %k, %v {num_heads = 2, num_kv_heads = 2, head_dim = 16} : !x, !x
    scf.yield %o : !x
  } else {
    scf.yield %k : !x
  }
  func.return %r : !x
}

// Norms that differ by more than a weight of K.

// CHECK-LABEL: func.func @rotated_norm
// CHECK: rlx.attention %q, %kr, %v
func.func @rotated_norm(%q: !x, %p: !x, %g: !g, %cos: !table, %sin: !table) -> !x {
  %k = rlx.rms_norm %p gamma(%g) {eps = 1.0e-6 : f64, head_dim = 16} : !x
  %kr = rlx.rope %k, %cos, %sin {head_dim = 16, n_rot = 16} : !x
  %v = rlx.rms_norm %p {eps = 1.0e-6 : f64, head_dim = 16} : !x
  // expected-remark@below {{missed: rlx.rope stands between the norm of K and the attention; run rlx-fuse-rope-into-attention first}}
  %o = rlx.attention %q, %kr, %v {num_heads = 2, num_kv_heads = 2, head_dim = 16} : !x, !x
  func.return %o : !x
}

// CHECK-LABEL: func.func @repeated_norm
// CHECK: rlx.attention %q, %kk, %vv
func.func @repeated_norm(%q: tensor<1x?x64xf32>, %p: !x, %g: !g) -> tensor<1x?x64xf32> {
  %k = rlx.rms_norm %p gamma(%g) {eps = 1.0e-6 : f64, head_dim = 16} : !x
  %v = rlx.rms_norm %p {eps = 1.0e-6 : f64, head_dim = 16} : !x
  %kk = rlx.repeat_kv %k {head_dim = 16, group = 2} : !x -> tensor<1x?x64xf32>
  %vv = rlx.repeat_kv %v {head_dim = 16, group = 2} : !x -> tensor<1x?x64xf32>
  // expected-remark@below {{missed: rlx.repeat_kv stands between the norm of K and the attention; run rlx-eliminate-repeat-kv first}}
  %o = rlx.attention %q, %kk, %vv {num_heads = 4, num_kv_heads = 4, head_dim = 16} : tensor<1x?x64xf32>, tensor<1x?x64xf32>
  func.return %o : tensor<1x?x64xf32>
}

// CHECK-LABEL: func.func @weighted_v
// CHECK: rlx.attention %q, %k, %v
func.func @weighted_v(%q: !x, %p: !x, %g: !g, %h: !g) -> !x {
  %k = rlx.rms_norm %p gamma(%g) {eps = 1.0e-6 : f64, head_dim = 16} : !x
  %v = rlx.rms_norm %p gamma(%h) {eps = 1.0e-6 : f64, head_dim = 16} : !x
  // expected-remark@below {{missed: the norm of V has a weight, which k_gain would not apply to V}}
  %o = rlx.attention %q, %k, %v {num_heads = 2, num_kv_heads = 2, head_dim = 16} : !x, !x
  func.return %o : !x
}

// CHECK-LABEL: func.func @two_weightless_norms
// CHECK: rlx.attention %q, %k, %v
func.func @two_weightless_norms(%q: !x, %p: !x) -> !x {
  %k = rlx.rms_norm %p {eps = 1.0e-6 : f64, head_dim = 16} : !x
  %v = rlx.rms_norm %p {eps = 1.0e-5 : f64, head_dim = 16} : !x
  // expected-remark@below {{missed: the norms of K and V differ, but not by a weight of K}}
  %o = rlx.attention %q, %k, %v {num_heads = 2, num_kv_heads = 2, head_dim = 16} : !x, !x
  func.return %o : !x
}

// CHECK-LABEL: func.func @different_eps
// CHECK: rlx.attention %q, %k, %v
func.func @different_eps(%q: !x, %p: !x, %g: !g) -> !x {
  %k = rlx.rms_norm %p gamma(%g) {eps = 1.0e-6 : f64, head_dim = 16} : !x
  %v = rlx.rms_norm %p {eps = 1.0e-5 : f64, head_dim = 16} : !x
  // expected-remark@below {{missed: the norm of K has eps = 1e-06, that of V 1e-05}}
  %o = rlx.attention %q, %k, %v {num_heads = 2, num_kv_heads = 2, head_dim = 16} : !x, !x
  func.return %o : !x
}

// CHECK-LABEL: func.func @offset
// CHECK: rlx.attention %q, %k, %v
func.func @offset(%q: !x, %p: !x, %g: !g) -> !x {
  %k = rlx.rms_norm %p gamma(%g) {eps = 1.0e-6 : f64, head_dim = 16, offset = 1.0 : f64} : !x
  %v = rlx.rms_norm %p {eps = 1.0e-6 : f64, head_dim = 16} : !x
  // expected-remark@below {{missed: the norm of K has offset = 1.0, and k_gain has none}}
  %o = rlx.attention %q, %k, %v {num_heads = 2, num_kv_heads = 2, head_dim = 16} : !x, !x
  func.return %o : !x
}

// CHECK-LABEL: func.func @norm_of_all_heads
// CHECK: rlx.attention %q, %k, %v
func.func @norm_of_all_heads(%q: !x, %p: !x, %g: !b) -> !x {
  %k = rlx.rms_norm %p gamma(%g) {eps = 1.0e-6 : f64} : !x
  %v = rlx.rms_norm %p {eps = 1.0e-6 : f64} : !x
  // expected-remark@below {{missed: K is normalised over 32 features, but the attention has head_dim = 16}}
  %o = rlx.attention %q, %k, %v {num_heads = 2, num_kv_heads = 2, head_dim = 16} : !x, !x
  func.return %o : !x
}

// CHECK-LABEL: func.func @mismatched_heads
// CHECK: rlx.attention %q, %k, %v
func.func @mismatched_heads(%q: !x, %p: !x, %g: !g) -> !x {
  %k = rlx.rms_norm %p gamma(%g) {eps = 1.0e-6 : f64, head_dim = 16} : !x
  %v = rlx.rms_norm %p {eps = 1.0e-6 : f64, head_dim = 32} : !x
  // expected-remark@below {{missed: V is normalised over 32 features, but the attention has head_dim = 16}}
  %o = rlx.attention %q, %k, %v {num_heads = 2, num_kv_heads = 2, head_dim = 16} : !x, !x
  func.return %o : !x
}

// CHECK-LABEL: func.func @gained_already
// CHECK: rlx.attention %q, %k, %v
func.func @gained_already(%q: !x, %p: !x, %g: !g) -> !x {
  %k = rlx.rms_norm %p gamma(%g) {eps = 1.0e-6 : f64, head_dim = 16} : !x
  %v = rlx.rms_norm %p {eps = 1.0e-6 : f64, head_dim = 16} : !x
  // expected-remark@below {{missed: the attention has a k_gain already}}
  %o = rlx.attention %q, %k, %v k_gain(%g) {num_heads = 2, num_kv_heads = 2, head_dim = 16} : !x, !x
  func.return %o : !x
}

// CHECK-LABEL: func.func @k_has_another_user
// CHECK: rlx.attention %q, %k, %v
func.func @k_has_another_user(%q: !x, %p: !x, %g: !g) -> (!x, !x) {
  %k = rlx.rms_norm %p gamma(%g) {eps = 1.0e-6 : f64, head_dim = 16} : !x
  %v = rlx.rms_norm %p {eps = 1.0e-6 : f64, head_dim = 16} : !x
  // expected-remark@below {{missed: the weighted norm of K has another user: the weight would be applied twice}}
  %o = rlx.attention %q, %k, %v {num_heads = 2, num_kv_heads = 2, head_dim = 16} : !x, !x
  func.return %o, %k : !x, !x
}
