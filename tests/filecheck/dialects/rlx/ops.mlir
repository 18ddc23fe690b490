// RUN: rlxc opt %s | rlxc opt | filecheck %s
// RUN: rlxc opt --print-op-generic %s | rlxc opt | filecheck %s

// CHECK-LABEL: func.func @load_time
func.func @load_time() {
  // CHECK-NEXT: %plain = rlx.param "norm.weight" : tensor<64xf32>
  %plain = rlx.param "norm.weight" : tensor<64xf32>
  // CHECK-NEXT: %transposed = rlx.param "q_proj.weight" transposed : tensor<64x128xf32>
  %transposed = rlx.param "q_proj.weight" transposed : tensor<64x128xf32>
  // CHECK-NEXT: %merged = rlx.param "q.weight", "k.weight" transposed : tensor<64x192xf32>
  %merged = rlx.param "q.weight", "k.weight" transposed : tensor<64x192xf32>
  // CHECK-NEXT: %digest = rlx.param "k.weight" digest("blake2b:00ff") : tensor<64xf64>
  %digest = rlx.param "k.weight" digest("blake2b:00ff") : tensor<64xf64>
  // CHECK-NEXT: %cos = rlx.rope_table cos {theta = 5.000000e+05 : f64} : tensor<4096x32xf32>
  %cos = rlx.rope_table cos {theta = 500000.0 : f64} : tensor<4096x32xf32>
  // CHECK-NEXT: %sin = rlx.rope_table sin {theta = 1.000000e+04 : f64} : tensor<4096x32xf32>
  %sin = rlx.rope_table sin {theta = 10000.0 : f64} : tensor<4096x32xf32>
  func.return
}

// CHECK-LABEL: func.func @projections
func.func @projections(%x: tensor<2x?x64xf32>, %w: tensor<64x96xf32>, %b: tensor<96xf32>, %r: tensor<2x?x96xf32>) {
  // CHECK-NEXT: %{{.*}} = rlx.matmul %x, %w : tensor<2x?x64xf32>, tensor<64x96xf32>
  %plain = rlx.matmul %x, %w : tensor<2x?x64xf32>, tensor<64x96xf32>
  // CHECK-NEXT: %y = rlx.matmul %x, %w bias(%b) activation(gelu_tanh) residual(%r) : tensor<2x?x64xf32>, tensor<64x96xf32>
  %y = rlx.matmul %x, %w bias(%b) activation(gelu_tanh) residual(%r) : tensor<2x?x64xf32>, tensor<64x96xf32>
  // CHECK-NEXT: %{{.*}} = rlx.glu_matmul %x, %w activation(silu) : tensor<2x?x64xf32>, tensor<64x96xf32> -> tensor<2x?x48xf32>
  %gated = rlx.glu_matmul %x, %w activation(silu) : tensor<2x?x64xf32>, tensor<64x96xf32> -> tensor<2x?x48xf32>
  // CHECK-NEXT: %{{.*}}, %{{.*}} = rlx.split %y sizes [64, 32] : tensor<2x?x96xf32> -> tensor<2x?x64xf32>, tensor<2x?x32xf32>
  %q, %k = rlx.split %y sizes [64, 32] : tensor<2x?x96xf32> -> tensor<2x?x64xf32>, tensor<2x?x32xf32>
  func.return
}

// CHECK-LABEL: func.func @heads
func.func @heads(%x: tensor<?x?x64xf32>, %cos: tensor<128x6xf32>, %sin: tensor<128x6xf32>, %p: index) {
  // CHECK-NEXT: %{{.*}} = rlx.rope %x, %cos, %sin {head_dim = 16 : i64, n_rot = 12 : i64} : tensor<?x?x64xf32>
  %half = rlx.rope %x, %cos, %sin {head_dim = 16, n_rot = 12} : tensor<?x?x64xf32>
  // CHECK-NEXT: %{{.*}} = rlx.rope %x, %cos, %sin position(%p) style(interleaved) {head_dim = 16 : i64, n_rot = 12 : i64} : tensor<?x?x64xf32>
  %pairs = rlx.rope %x, %cos, %sin position(%p) style(interleaved) {head_dim = 16, n_rot = 12} : tensor<?x?x64xf32>
  // CHECK-NEXT: %{{.*}} = rlx.repeat_kv %x {head_dim = 16 : i64, group = 2 : i64} : tensor<?x?x64xf32> -> tensor<?x?x128xf32>
  %repeated = rlx.repeat_kv %x {head_dim = 16, group = 2} : tensor<?x?x64xf32> -> tensor<?x?x128xf32>
  func.return
}

// CHECK-LABEL: func.func @attention
func.func @attention(%q: tensor<1x?x64xf32>, %k: tensor<1x?x32xf32>, %cos: tensor<128x8xf32>, %sin: tensor<128x8xf32>,
                     %pad: tensor<1x?xi1>, %b: tensor<1x1x?x?xf32>, %g: tensor<16xf32>, %n: index, %p: index) {
  // CHECK-NEXT: %{{.*}} = rlx.attention %q, %k, %k {num_heads = 4 : i64, num_kv_heads = 2 : i64, head_dim = 16 : i64} : tensor<1x?x64xf32>, tensor<1x?x32xf32>
  %plain = rlx.attention %q, %k, %k mask(none) {num_heads = 4, num_kv_heads = 2, head_dim = 16}
    : tensor<1x?x64xf32>, tensor<1x?x32xf32>
  // CHECK-NEXT: %{{.*}} = rlx.attention %q, %k, %k rope(%cos, %sin) style(interleaved) k_gain(%g) mask(sliding<5>) padding(%pad) bias(%b) kv_length(%n) query_offset(%p) {num_heads = 4 : i64, num_kv_heads = 2 : i64, head_dim = 16 : i64, n_rot = 16 : i64, scale = 2.500000e-01 : f64, softcap = 5.000000e+01 : f64} : tensor<1x?x64xf32>, tensor<1x?x32xf32>
  %all = rlx.attention %q, %k, %k rope(%cos, %sin) style(interleaved) k_gain(%g) mask(sliding<5>) padding(%pad) bias(%b)
    kv_length(%n) query_offset(%p)
    {num_heads = 4, num_kv_heads = 2, head_dim = 16, n_rot = 16, scale = 0.25 : f64, softcap = 50.0 : f64}
    : tensor<1x?x64xf32>, tensor<1x?x32xf32>
  // CHECK-NEXT: %{{.*}} = rlx.attention %q, %k, %k mask(causal) {num_heads = 4 : i64, num_kv_heads = 2 : i64, head_dim = 16 : i64} : tensor<1x?x64xf32>, tensor<1x?x32xf32>
  %causal = rlx.attention %q, %k, %k mask(causal) {num_heads = 4, num_kv_heads = 2, head_dim = 16}
    : tensor<1x?x64xf32>, tensor<1x?x32xf32>
  func.return
}

// CHECK-LABEL: func.func @norms
func.func @norms(%x: tensor<?x?x64xf64>, %r: tensor<?x?x64xf64>, %g: tensor<64xf64>, %h: tensor<16xf64>) {
  // CHECK-NEXT: %{{.*}} = rlx.rms_norm %x {eps = 1.000000e-06 : f64} : tensor<?x?x64xf64>
  %bare = rlx.rms_norm %x {eps = 1.0e-6 : f64} : tensor<?x?x64xf64>
  // CHECK-NEXT: %{{.*}} = rlx.rms_norm %x gamma(%g) {eps = 1.000000e-06 : f64, offset = 1.000000e+00 : f64} : tensor<?x?x64xf64>
  %gemma = rlx.rms_norm %x gamma(%g) {eps = 1.0e-6 : f64, offset = 1.0 : f64} : tensor<?x?x64xf64>
  // CHECK-NEXT: %{{.*}} = rlx.rms_norm %x gamma(%h) {eps = 1.000000e-06 : f64, head_dim = 16 : i64} : tensor<?x?x64xf64>
  %heads = rlx.rms_norm %x gamma(%h) {eps = 1.0e-6 : f64, offset = 0.0 : f64, head_dim = 16} : tensor<?x?x64xf64>
  // CHECK-NEXT: %{{.*}} = rlx.layer_norm %x, %g, %g {eps = 1.000000e-12 : f64} : tensor<?x?x64xf64>
  %layer = rlx.layer_norm %x, %g, %g {eps = 1.0e-12 : f64} : tensor<?x?x64xf64>
  // CHECK-NEXT: %{{.*}} = rlx.layer_norm %x, %g {eps = 1.000000e-12 : f64} : tensor<?x?x64xf64>
  %no_beta = rlx.layer_norm %x, %g {eps = 1.0e-12 : f64} : tensor<?x?x64xf64>
  // CHECK-NEXT: %{{.*}}, %{{.*}} = rlx.add_rms_norm %x, %r, %g {eps = 1.000000e-06 : f64} : tensor<?x?x64xf64>
  %sum, %normed = rlx.add_rms_norm %x, %r, %g {eps = 1.0e-6 : f64} : tensor<?x?x64xf64>
  func.return
}

// CHECK-LABEL: func.func @pointwise
func.func @pointwise(%x: tensor<?x4x64xf32>, %table: tensor<100x64xf32>, %ids: tensor<?x4xi64>, %short: tensor<?x4xi32>, %p: index) {
  // CHECK-NEXT: %{{.*}} = rlx.glu %x, %x activation(silu) : tensor<?x4x64xf32>
  %swiglu = rlx.glu %x, %x activation(silu) : tensor<?x4x64xf32>
  // CHECK-NEXT: %{{.*}} = rlx.softcap %x {cap = 3.000000e+01 : f64} : tensor<?x4x64xf32>
  %capped = rlx.softcap %x {cap = 30.0 : f64} : tensor<?x4x64xf32>
  // CHECK-NEXT: %{{.*}} = rlx.embed %table, %ids {scale = 8.000000e+00 : f64} : tensor<100x64xf32>, tensor<?x4xi64>
  %scaled = rlx.embed %table, %ids {scale = 8.0 : f64} : tensor<100x64xf32>, tensor<?x4xi64>
  // CHECK-NEXT: %{{.*}} = rlx.embed %table, %short : tensor<100x64xf32>, tensor<?x4xi32>
  %plain = rlx.embed %table, %short : tensor<100x64xf32>, tensor<?x4xi32>
  // CHECK-NEXT: %{{.*}} = rlx.position_embed %x, %table : tensor<?x4x64xf32>, tensor<100x64xf32>
  %first = rlx.position_embed %x, %table : tensor<?x4x64xf32>, tensor<100x64xf32>
  // CHECK-NEXT: %{{.*}} = rlx.position_embed %x, %table position(%p) : tensor<?x4x64xf32>, tensor<100x64xf32>
  %later = rlx.position_embed %x, %table position(%p) : tensor<?x4x64xf32>, tensor<100x64xf32>
  func.return
}

// CHECK-LABEL: func.func @experts
func.func @experts(%x: tensor<?x4x64xf32>, %l: tensor<?x4x8xf32>, %s: tensor<8xf32>, %w: tensor<64x320xf32>, %d: tensor<20x512xf32>) {
  // CHECK-NEXT: %{{.*}} = rlx.route %l {top_k = 2 : i64} : tensor<?x4x8xf32>
  %plain = rlx.route %l {top_k = 2} : tensor<?x4x8xf32>
  // CHECK-NEXT: %gates = rlx.route %l renormalize expert_scale(%s) {top_k = 8 : i64} : tensor<?x4x8xf32>
  %gates = rlx.route %l renormalize expert_scale(%s) {top_k = 8} : tensor<?x4x8xf32>
  // CHECK-NEXT: %{{.*}} = rlx.moe %x, %gates, %w, %d activation(silu) : tensor<?x4x64xf32>, tensor<?x4x8xf32>, tensor<64x320xf32>, tensor<20x512xf32>
  %y = rlx.moe %x, %gates, %w, %d activation(silu) : tensor<?x4x64xf32>, tensor<?x4x8xf32>, tensor<64x320xf32>, tensor<20x512xf32>
  func.return
}

// CHECK-LABEL: func.func @cache
func.func @cache(%cache: tensor<1x128x32xf32>, %new: tensor<1x?x32xf32>, %p: index) -> tensor<1x128x32xf32> {
  // CHECK-NEXT: %next = rlx.kv_append %cache, %new position(%p) : tensor<1x128x32xf32>, tensor<1x?x32xf32>
  %next = rlx.kv_append %cache, %new position(%p) : tensor<1x128x32xf32>, tensor<1x?x32xf32>
  func.return %next : tensor<1x128x32xf32>
}
