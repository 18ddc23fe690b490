// RUN: rlxc opt -p rlx-merge-projections --remarks --verify-diagnostics %s | filecheck %s

!x = tensor<1x?x32xf32>
!w = tensor<32x32xf32>
!b = tensor<32xf32>

// CHECK-LABEL: func.func @q_k_and_v
// CHECK-NEXT: %wq_wk_wv = rlx.param "q", "k", "v" transposed : tensor<32x80xf32>
// CHECK-NEXT: %q_k_v = rlx.matmul %x, %wq_wk_wv : tensor<1x?x32xf32>, tensor<32x80xf32>
// CHECK-NEXT: %q, %k, %v = rlx.split %q_k_v sizes [32, 16, 32]
// CHECK-NEXT: func.return %v, %k, %q
func.func @q_k_and_v(%x: !x) -> (!x, tensor<1x?x16xf32>, !x) {
  %wq = rlx.param "q" transposed : !w
  %wk = rlx.param "k" transposed : tensor<32x16xf32>
  %wv = rlx.param "v" transposed : !w
  // expected-remark@below {{fused: one matmul by 'q', 'k', 'v' reads 256 bytes a token less}}
  %q = rlx.matmul %x, %wq : !x, !w
  %k = rlx.matmul %x, %wk : !x, tensor<32x16xf32>
  %v = rlx.matmul %x, %wv : !x, !w
  func.return %v, %k, %q : !x, tensor<1x?x16xf32>, !x
}

// Parameters may be made after the first matmul, and other operations stand between.
// CHECK-LABEL: func.func @biases_and_activations
// CHECK-NEXT: %gate_up_proj_weight = rlx.param "gate", "up" : tensor<32x64xf32>
// CHECK-NEXT: %gate_up_proj_bias = rlx.param "gate.bias", "up.bias" : tensor<64xf32>
// CHECK-NEXT: %gate_up = rlx.matmul %x, %gate_up_proj_weight bias(%gate_up_proj_bias) activation(silu)
// CHECK-NEXT: %gate, %up = rlx.split %gate_up sizes [32, 32]
// CHECK-NEXT: %n = rlx.softcap %gate
// CHECK-NEXT: func.return %n, %up
func.func @biases_and_activations(%x: !x) -> (!x, !x) {
  %gate_proj_weight = rlx.param "gate" : !w
  %gate_proj_bias = rlx.param "gate.bias" : !b
  // expected-remark@below {{fused: one matmul by 'gate', 'up' reads 128 bytes a token less}}
  %gate = rlx.matmul %x, %gate_proj_weight bias(%gate_proj_bias) activation(silu) : !x, !w
  %n = rlx.softcap %gate {cap = 30.0 : f64} : !x
  %up_proj_weight = rlx.param "up" : !w
  %up_proj_bias = rlx.param "up.bias" : !b
  %up = rlx.matmul %x, %up_proj_weight bias(%up_proj_bias) activation(silu) : !x, !w
  func.return %n, %up : !x, !x
}

// CHECK-LABEL: func.func @several_keys_already
// CHECK: rlx.param "q1", "q2", "k1" : tensor<32x64xf32>
func.func @several_keys_already(%x: !x) -> (!x, !x) {
  %wq = rlx.param "q1", "q2" : !w
  %wk = rlx.param "k1" : !w
  // expected-remark@below {{fused: one matmul by 'q1', 'q2', 'k1' reads 128 bytes a token less}}
  %q = rlx.matmul %x, %wq : !x, !w
  %k = rlx.matmul %x, %wk : !x, !w
  func.return %q, %k : !x, !x
}

// CHECK-LABEL: func.func @digests
// CHECK-NEXT: rlx.param "dq", "dk" : tensor<32x64xf32>
func.func @digests(%x: !x) -> (!x, !x) {
  %wq = rlx.param "dq" digest("abc") : !w
  %wk = rlx.param "dk" : !w
  // expected-remark@below {{fused: one matmul by 'dq', 'dk' reads 128 bytes a token less; their content digests are not checked any more}}
  %q = rlx.matmul %x, %wq : !x, !w
  %k = rlx.matmul %x, %wk : !x, !w
  func.return %q, %k : !x, !x
}

// Projections of two kinds.
// CHECK-LABEL: func.func @two_kinds
// CHECK: rlx.param "a", "c" : tensor<32x64xf32>
// CHECK: rlx.param "b", "d" transposed : tensor<32x64xf32>
func.func @two_kinds(%x: !x) -> (!x, !x, !x, !x) {
  %wa = rlx.param "a" : !w
  %wb = rlx.param "b" transposed : !w
  %wc = rlx.param "c" : !w
  %wd = rlx.param "d" transposed : !w
  // expected-remark@below {{fused: one matmul by 'a', 'c' reads}}
  %a = rlx.matmul %x, %wa : !x, !w
  // expected-remark@below {{fused: one matmul by 'b', 'd' reads}}
  %b = rlx.matmul %x, %wb : !x, !w
  %c = rlx.matmul %x, %wc : !x, !w
  %d = rlx.matmul %x, %wd : !x, !w
  func.return %a, %b, %c, %d : !x, !x, !x, !x
}

// CHECK-LABEL: func.func @one_projection
// CHECK: rlx.param "one"
func.func @one_projection(%x: !x) -> !x {
  %w = rlx.param "one" : !w
  %y = rlx.matmul %x, %w : !x, !w
  func.return %y : !x
}

// CHECK-LABEL: func.func @projections_of_two_inputs
// CHECK-COUNT-2: rlx.matmul
func.func @projections_of_two_inputs(%x: !x, %y: !x) -> (!x, !x) {
  %wa = rlx.param "ta" : !w
  %wb = rlx.param "tb" : !w
  %a = rlx.matmul %x, %wa : !x, !w
  %b = rlx.matmul %y, %wb : !x, !w
  func.return %a, %b : !x, !x
}

// The second one would not be computed where the first one stands.
// CHECK-LABEL: func.func @projections_in_two_blocks
// CHECK-COUNT-2: rlx.matmul
func.func @projections_in_two_blocks(%x: !x, %c: i1) -> !x {
  %wa = rlx.param "ba" : !w
  %wb = rlx.param "bb" : !w
  %a = rlx.matmul %x, %wa : !x, !w
  %r = scf.if %c -> (!x) {
    %b = rlx.matmul %x, %wb : !x, !w
    scf.yield %b : !x
  } else {
    scf.yield %a : !x
  }
  func.return %r : !x
}

// CHECK-LABEL: func.func @different_orientations
// CHECK-COUNT-2: rlx.matmul
func.func @different_orientations(%x: !x) -> (!x, !x) {
  %wa = rlx.param "oa" : !w
  %wb = rlx.param "ob" transposed : !w
  // expected-remark@below {{missed: the other projections of the input have another orientation}}
  %a = rlx.matmul %x, %wa : !x, !w
  // expected-remark@below {{missed: the other projections of the input have another orientation}}
  %b = rlx.matmul %x, %wb : !x, !w
  func.return %a, %b : !x, !x
}

// Two are merged, the third is left: only q has a bias.
// CHECK-LABEL: func.func @mixed_bias
// CHECK: rlx.matmul %x, %wq bias(%b)
// CHECK: rlx.param "mk", "mv"
func.func @mixed_bias(%x: !x) -> (!x, !x, !x) {
  %wq = rlx.param "mq" : !w
  %b = rlx.param "mq.bias" : !b
  %wk = rlx.param "mk" : !w
  %wv = rlx.param "mv" : !w
  // expected-remark@below {{missed: the other projections of the input have another bias}}
  %q = rlx.matmul %x, %wq bias(%b) : !x, !w
  // expected-remark@below {{fused: one matmul by 'mk', 'mv' reads}}
  %k = rlx.matmul %x, %wk : !x, !w
  %v = rlx.matmul %x, %wv : !x, !w
  func.return %q, %k, %v : !x, !x, !x
}

// CHECK-LABEL: func.func @different_activations
// CHECK-COUNT-2: rlx.matmul
func.func @different_activations(%x: !x) -> (!x, !x) {
  %wa = rlx.param "aa" : !w
  %wb = rlx.param "ab" : !w
  %bb = rlx.param "ab.bias" : !b
  // expected-remark@below {{missed: the other projections of the input have another bias and activation}}
  %a = rlx.matmul %x, %wa activation(silu) : !x, !w
  // expected-remark@below {{missed: the other projections of the input have another bias and activation}}
  %b = rlx.matmul %x, %wb bias(%bb) activation(gelu) : !x, !w
  func.return %a, %b : !x, !x
}

// CHECK-LABEL: func.func @residual
// CHECK-COUNT-2: rlx.matmul
func.func @residual(%x: !x) -> (!x, !x) {
  %wa = rlx.param "ra" : !w
  %wb = rlx.param "rb" : !w
  // expected-remark@below {{missed: the projection adds a residual}}
  %a = rlx.matmul %x, %wa residual(%x) : !x, !w
  // expected-remark@below {{missed: no other projection of the input can be merged}}
  %b = rlx.matmul %x, %wb : !x, !w
  func.return %a, %b : !x, !x
}

// CHECK-LABEL: func.func @arguments
// CHECK-COUNT-2: rlx.matmul
func.func @arguments(%x: !x, %wa: !w, %bb: !b) -> (!x, !x) {
  %wb = rlx.param "pb" : !w
  // expected-remark@below {{missed: the weight is no parameter, so it cannot be concatenated at load time}}
  %a = rlx.matmul %x, %wa : !x, !w
  // expected-remark@below {{missed: the bias is no parameter, so it cannot be concatenated at load time}}
  %b = rlx.matmul %x, %wb bias(%bb) : !x, !w
  func.return %a, %b : !x, !x
}

// CHECK-LABEL: func.func @used_elsewhere
// CHECK-COUNT-2: rlx.matmul
func.func @used_elsewhere(%x: !x, %y: !x) -> (!x, !x, !x) {
  %wa = rlx.param "ua" : !w
  %wb = rlx.param "ub" : !w
  %bb = rlx.param "ub.bias" : !b
  %same = rlx.param "ua" transposed : !w
  // expected-remark@below {{missed: the weight 'ua' is used elsewhere too, and would be kept twice}}
  %a = rlx.matmul %x, %wa : !x, !w
  // expected-remark@below {{missed: the bias 'ub.bias' is used elsewhere too, and would be kept twice}}
  %b = rlx.matmul %x, %wb bias(%bb) : !x, !w
  %c = rlx.matmul %y, %same bias(%bb) : !x, !w
  func.return %a, %b, %c : !x, !x, !x
}

// A parameter that holds a weight twice would be no parameter.
// CHECK-LABEL: func.func @same_key_twice
// CHECK-COUNT-2: rlx.matmul
func.func @same_key_twice(%x: !x) -> (!x, !x) {
  %wa = rlx.param "same" : !w
  %wb = rlx.param "same" : !w
  // expected-remark@below {{missed: the weight 'same' is used elsewhere too, and would be kept twice}}
  %a = rlx.matmul %x, %wa : !x, !w
  // expected-remark@below {{missed: the weight 'same' is used elsewhere too, and would be kept twice}}
  %b = rlx.matmul %x, %wb : !x, !w
  func.return %a, %b : !x, !x
}
