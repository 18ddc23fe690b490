// RUN: rlxc opt -p canonicalize %s | filecheck %s

// CHECK-LABEL: func.func @group_of_one_repeats_nothing
// CHECK-NEXT: func.return %k
func.func @group_of_one_repeats_nothing(%k: tensor<1x?x32xf32>) -> tensor<1x?x32xf32> {
  %r = rlx.repeat_kv %k {head_dim = 16, group = 1} : tensor<1x?x32xf32> -> tensor<1x?x32xf32>
  func.return %r : tensor<1x?x32xf32>
}

// CHECK-LABEL: func.func @repeats_merge
// CHECK-NEXT: rlx.repeat_kv %k {head_dim = 16 : i64, group = 6 : i64} : tensor<1x?x32xf32> -> tensor<1x?x192xf32>
func.func @repeats_merge(%k: tensor<1x?x32xf32>) -> tensor<1x?x192xf32> {
  %a = rlx.repeat_kv %k {head_dim = 16, group = 2} : tensor<1x?x32xf32> -> tensor<1x?x64xf32>
  %b = rlx.repeat_kv %a {head_dim = 16, group = 3} : tensor<1x?x64xf32> -> tensor<1x?x192xf32>
  func.return %b : tensor<1x?x192xf32>
}

// Heads of another size are repeated in another order.
// CHECK-LABEL: func.func @repeats_of_other_heads_stay
// CHECK-COUNT-2: rlx.repeat_kv
func.func @repeats_of_other_heads_stay(%k: tensor<1x?x32xf32>) -> tensor<1x?x128xf32> {
  %a = rlx.repeat_kv %k {head_dim = 16, group = 2} : tensor<1x?x32xf32> -> tensor<1x?x64xf32>
  %b = rlx.repeat_kv %a {head_dim = 32, group = 2} : tensor<1x?x64xf32> -> tensor<1x?x128xf32>
  func.return %b : tensor<1x?x128xf32>
}

// CHECK-LABEL: func.func @split_into_one
// CHECK-NEXT: func.return %x
func.func @split_into_one(%x: tensor<1x?x32xf32>) -> tensor<1x?x32xf32> {
  %y = rlx.split %x sizes [32] : tensor<1x?x32xf32> -> tensor<1x?x32xf32>
  func.return %y : tensor<1x?x32xf32>
}

// CHECK-LABEL: func.func @default_scale
// CHECK-NEXT: rlx.attention %q, %q, %q {num_heads = 2 : i64, num_kv_heads = 2 : i64, head_dim = 16 : i64}
func.func @default_scale(%q: tensor<1x?x32xf32>) -> tensor<1x?x32xf32> {
  %o = rlx.attention %q, %q, %q {num_heads = 2, num_kv_heads = 2, head_dim = 16, scale = 0.25 : f64}
    : tensor<1x?x32xf32>, tensor<1x?x32xf32>
  func.return %o : tensor<1x?x32xf32>
}

// CHECK-LABEL: func.func @other_scale_stays
// CHECK: scale = 1.000000e+00
func.func @other_scale_stays(%q: tensor<1x?x32xf32>) -> tensor<1x?x32xf32> {
  %o = rlx.attention %q, %q, %q {num_heads = 2, num_kv_heads = 2, head_dim = 16, scale = 1.0 : f64}
    : tensor<1x?x32xf32>, tensor<1x?x32xf32>
  func.return %o : tensor<1x?x32xf32>
}

// CHECK-LABEL: func.func @last_query_sees_all
// CHECK-NEXT: rlx.attention %q, %k, %k {num_heads
func.func @last_query_sees_all(%q: tensor<1x1x32xf32>, %k: tensor<1x?x32xf32>) -> tensor<1x1x32xf32> {
  %o = rlx.attention %q, %k, %k mask(causal) {num_heads = 2, num_kv_heads = 2, head_dim = 16}
    : tensor<1x1x32xf32>, tensor<1x?x32xf32>
  func.return %o : tensor<1x1x32xf32>
}

// With an offset the one query may stand before the last key.
// CHECK-LABEL: func.func @offset_query_does_not
// CHECK: mask(causal)
func.func @offset_query_does_not(%q: tensor<1x1x32xf32>, %k: tensor<1x?x32xf32>, %p: index) -> tensor<1x1x32xf32> {
  %o = rlx.attention %q, %k, %k mask(causal) query_offset(%p) {num_heads = 2, num_kv_heads = 2, head_dim = 16}
    : tensor<1x1x32xf32>, tensor<1x?x32xf32>
  func.return %o : tensor<1x1x32xf32>
}

// CHECK-LABEL: func.func @window_as_wide_as_the_keys
// CHECK: mask(causal)
func.func @window_as_wide_as_the_keys(%q: tensor<1x8x32xf32>) -> tensor<1x8x32xf32> {
  %o = rlx.attention %q, %q, %q mask(sliding<8>) {num_heads = 2, num_kv_heads = 2, head_dim = 16}
    : tensor<1x8x32xf32>, tensor<1x8x32xf32>
  func.return %o : tensor<1x8x32xf32>
}

// CHECK-LABEL: func.func @narrower_window_stays
// CHECK: mask(sliding<7>)
func.func @narrower_window_stays(%q: tensor<1x8x32xf32>) -> tensor<1x8x32xf32> {
  %o = rlx.attention %q, %q, %q mask(sliding<7>) {num_heads = 2, num_kv_heads = 2, head_dim = 16}
    : tensor<1x8x32xf32>, tensor<1x8x32xf32>
  func.return %o : tensor<1x8x32xf32>
}
