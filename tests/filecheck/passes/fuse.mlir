// RUN: rlxc opt -p fuse %s | filecheck %s

!x = tensor<?x?x64xf32>
!kv = tensor<?x?x32xf32>
!k = tensor<?x?x16xf32>
!w = tensor<64x64xf32>
!wkv = tensor<64x32xf32>
!wk = tensor<64x16xf32>
!table = tensor<4096x8xf32>
!half_table = tensor<4096x4xf32>
!gamma = tensor<16xf32>

// CHECK-LABEL: func.func @llama
// CHECK-NEXT: %cos = rlx.rope_table cos
// CHECK-NEXT: %sin = rlx.rope_table sin
// CHECK-NEXT: %wo = rlx.param "o"
// CHECK-NEXT: %wq_wk_wv = rlx.param "q", "k", "v" transposed : tensor<64x128xf32>
// CHECK-NEXT: %q_k_v = rlx.matmul %x, %wq_wk_wv
// CHECK-NEXT: %q, %k, %v = rlx.split %q_k_v sizes [64, 32, 32]
// CHECK-NEXT: %o = rlx.attention %q, %k, %v rope(%cos, %sin) mask(causal) {num_heads = 4 : i64, num_kv_heads = 2 : i64, head_dim = 16 : i64, n_rot = 16 : i64}
// CHECK-NEXT: %y = rlx.matmul %o, %wo
// CHECK-NEXT: func.return %y
func.func @llama(%x: !x {rlx.dims = ["B", "S"]}) -> !x {
  %cos = rlx.rope_table cos {theta = 500000.0 : f64} : !table
  %sin = rlx.rope_table sin {theta = 500000.0 : f64} : !table
  %wq = rlx.param "q" transposed : !w
  %wk = rlx.param "k" transposed : !wkv
  %wv = rlx.param "v" transposed : !wkv
  %wo = rlx.param "o" transposed : !w
  %q = rlx.matmul %x, %wq : !x, !w
  %k = rlx.matmul %x, %wk : !x, !wkv
  %v = rlx.matmul %x, %wv : !x, !wkv
  %qr = rlx.rope %q, %cos, %sin {head_dim = 16, n_rot = 16} : !x
  %kr = rlx.rope %k, %cos, %sin {head_dim = 16, n_rot = 16} : !kv
  %kk = rlx.repeat_kv %kr {head_dim = 16, group = 2} : !kv -> !x
  %vv = rlx.repeat_kv %v {head_dim = 16, group = 2} : !kv -> !x
  %o = rlx.attention %qr, %kk, %vv mask(causal) {num_heads = 4, num_kv_heads = 4, head_dim = 16, scale = 0.25 : f64} : !x, !x
  %y = rlx.matmul %o, %wo : !x, !w
  func.return %y : !x
}

// One projection serves as K and V: no rope, copy, norm or weight of V is left.
// CHECK-LABEL: func.func @gemma4_keys_are_values
// CHECK-NEXT: %cos = rlx.rope_table cos
// CHECK-NEXT: %sin = rlx.rope_table sin
// CHECK-NEXT: %gq = rlx.param "gq"
// CHECK-NEXT: %gk = rlx.param "gk"
// CHECK-NEXT: %wq_wk = rlx.param "gemma.q", "gemma.k" transposed : tensor<64x80xf32>
// CHECK-NEXT: %q_k = rlx.matmul %x, %wq_wk
// CHECK-NEXT: %q, %k = rlx.split %q_k sizes [64, 16]
// CHECK-NEXT: %qn = rlx.rms_norm %q gamma(%gq)
// CHECK-NEXT: %vn = rlx.rms_norm %k {eps = 1.000000e-06 : f64, head_dim = 16 : i64}
// CHECK-NEXT: %o = rlx.attention %qn, %vn, %vn rope(%cos, %sin) k_gain(%gk) mask(causal)
// CHECK-SAME: {num_heads = 4 : i64, num_kv_heads = 1 : i64, head_dim = 16 : i64, scale = 1.000000e+00 : f64, softcap = 5.000000e+01 : f64, n_rot = 8 : i64}
// CHECK-NEXT: func.return %o
func.func @gemma4_keys_are_values(%x: !x {rlx.dims = ["B", "S"]}) -> !x {
  %cos = rlx.rope_table cos {theta = 1000000.0 : f64} : !half_table
  %sin = rlx.rope_table sin {theta = 1000000.0 : f64} : !half_table
  %wq = rlx.param "gemma.q" transposed : !w
  %wk = rlx.param "gemma.k" transposed : !wk
  %wv = rlx.param "gemma.k" transposed : !wk
  %gq = rlx.param "gq" : !gamma
  %gk = rlx.param "gk" : !gamma
  %q = rlx.matmul %x, %wq : !x, !w
  %k = rlx.matmul %x, %wk : !x, !wk
  %v = rlx.matmul %x, %wv : !x, !wk
  %qn = rlx.rms_norm %q gamma(%gq) {eps = 1.0e-6 : f64, head_dim = 16} : !x
  %kn = rlx.rms_norm %k gamma(%gk) {eps = 1.0e-6 : f64, head_dim = 16} : !k
  %vn = rlx.rms_norm %v {eps = 1.0e-6 : f64, head_dim = 16} : !k
  %qr = rlx.rope %qn, %cos, %sin {head_dim = 16, n_rot = 8} : !x
  %kr = rlx.rope %kn, %cos, %sin {head_dim = 16, n_rot = 8} : !k
  %kk = rlx.repeat_kv %kr {head_dim = 16, group = 4} : !k -> !x
  %vv = rlx.repeat_kv %vn {head_dim = 16, group = 4} : !k -> !x
  %o = rlx.attention %qr, %kk, %vv mask(causal) {num_heads = 4, num_kv_heads = 4, head_dim = 16, scale = 1.0 : f64, softcap = 50.0 : f64} : !x, !x
  func.return %o : !x
}

// Heads copied by slices, each rotation by tables of its own that are equal, rotation after the copies.
// CHECK-LABEL: func.func @naive_tensors
// CHECK: %q, %k, %v = rlx.split
// CHECK-NEXT: rlx.attention %q, %k, %v rope(%cos, %sin) {num_heads = 4 : i64, num_kv_heads = 2 : i64
// CHECK-NEXT: func.return
func.func @naive_tensors(%x: tensor<2x9x64xf32>) -> tensor<2x9x64xf32> {
  %cos = rlx.rope_table cos {theta = 10000.0 : f64} : !table
  %sin = rlx.rope_table sin {theta = 10000.0 : f64} : !table
  %cos2 = rlx.rope_table cos {theta = 10000.0 : f64} : !table
  %sin2 = rlx.rope_table sin {theta = 10000.0 : f64} : !table
  %wq = rlx.param "n.q" : !w
  %wk = rlx.param "n.k" : !wkv
  %wv = rlx.param "n.v" : !wkv
  %q = rlx.matmul %x, %wq : tensor<2x9x64xf32>, !w
  %k = rlx.matmul %x, %wk : tensor<2x9x64xf32>, !wkv
  %v = rlx.matmul %x, %wv : tensor<2x9x64xf32>, !wkv
  %k0 = tensor.extract_slice %k[0, 0, 0] [2, 9, 16] [1, 1, 1] : tensor<2x9x32xf32> to tensor<2x9x16xf32>
  %k1 = tensor.extract_slice %k[0, 0, 16] [2, 9, 16] [1, 1, 1] : tensor<2x9x32xf32> to tensor<2x9x16xf32>
  %kk = tensor.concat dim(2) %k0, %k0, %k1, %k1 : (tensor<2x9x16xf32>, tensor<2x9x16xf32>, tensor<2x9x16xf32>, tensor<2x9x16xf32>) -> tensor<2x9x64xf32>
  %heads = tensor.expand_shape %v [[0], [1], [2, 3]] output_shape [2, 9, 2, 16] : tensor<2x9x32xf32> into tensor<2x9x2x16xf32>
  %empty = tensor.empty() : tensor<2x9x2x2x16xf32>
  %copies = linalg.broadcast ins(%heads : tensor<2x9x2x16xf32>) outs(%empty : tensor<2x9x2x2x16xf32>) dimensions = [3]
  %vv = tensor.collapse_shape %copies [[0], [1], [2, 3, 4]] : tensor<2x9x2x2x16xf32> into tensor<2x9x64xf32>
  %qr = rlx.rope %q, %cos, %sin {head_dim = 16, n_rot = 16} : tensor<2x9x64xf32>
  %kr = rlx.rope %kk, %cos2, %sin2 {head_dim = 16, n_rot = 16} : tensor<2x9x64xf32>
  %o = rlx.attention %qr, %kr, %vv {num_heads = 4, num_kv_heads = 4, head_dim = 16} : tensor<2x9x64xf32>, tensor<2x9x64xf32>
  func.return %o : tensor<2x9x64xf32>
}

// A pre-norm layer: matmuls add the residuals, so that no sum is left for the norm to take in.
// CHECK-LABEL: func.func @pre_norm_layer
// CHECK: %sum = rlx.matmul %a, %wo residual(%x)
// CHECK: %n = rlx.rms_norm %sum gamma(%g)
// CHECK: %h = rlx.glu_matmul %n, %{{.*}} activation(silu)
// CHECK-NEXT: %y = rlx.matmul %h, %wd residual(%sum)
// CHECK-NEXT: func.return %y
func.func @pre_norm_layer(%x: !x, %a: !x) -> !x {
  %wo = rlx.param "pre.o" transposed : !w
  %o = rlx.matmul %a, %wo : !x, !w
  %sum = arith.addf %x, %o : !x
  %g = rlx.param "pre.norm" : tensor<64xf32>
  %n = rlx.rms_norm %sum gamma(%g) {eps = 1.0e-5 : f64} : !x
  %wg = rlx.param "pre.gate" transposed : !w
  %wu = rlx.param "pre.up" transposed : !w
  %wd = rlx.param "pre.down" transposed : !w
  %gate = rlx.matmul %n, %wg : !x, !w
  %up = rlx.matmul %n, %wu : !x, !w
  %h = rlx.glu %gate, %up activation(silu) : !x
  %d = rlx.matmul %h, %wd : !x, !w
  %y = arith.addf %sum, %d : !x
  func.return %y : !x
}

// Norms before and after: the sum of the residual and a norm comes with its own norm.
// CHECK-LABEL: func.func @sandwich_norms
// CHECK: %m = rlx.rms_norm %o gamma(%g)
// CHECK-NEXT: %sum, %n = rlx.add_rms_norm %x, %m, %h
func.func @sandwich_norms(%x: !x, %a: !x) -> (!x, !x) {
  %wo = rlx.param "sandwich.o" transposed : !w
  %g = rlx.param "sandwich.post" : tensor<64xf32>
  %h = rlx.param "sandwich.pre" : tensor<64xf32>
  %o = rlx.matmul %a, %wo : !x, !w
  %m = rlx.rms_norm %o gamma(%g) {eps = 1.0e-6 : f64} : !x
  %sum = arith.addf %x, %m : !x
  %n = rlx.rms_norm %sum gamma(%h) {eps = 1.0e-6 : f64} : !x
  func.return %sum, %n : !x, !x
}

// The cache keeps rotated keys: the rotation stays outside, the copies do not.
// CHECK-LABEL: func.func @decode
// CHECK: %kr = rlx.rope %k, %cos, %sin position(%pos)
// CHECK: rlx.kv_append %kc, %kr position(%pos)
// CHECK: rlx.attention %qr, %{{.*}}, %{{.*}} kv_length(%n) {num_heads = 4 : i64, num_kv_heads = 2 : i64
func.func @decode(%q: tensor<1x1x64xf32>, %k: tensor<1x1x32xf32>, %v: tensor<1x1x32xf32>, %kc: tensor<1x99x32xf32>, %vc: tensor<1x99x32xf32>, %pos: index, %n: index, %cos: !table, %sin: !table) -> tensor<1x1x64xf32> {
  %qr = rlx.rope %q, %cos, %sin position(%pos) {head_dim = 16, n_rot = 16} : tensor<1x1x64xf32>
  %kr = rlx.rope %k, %cos, %sin position(%pos) {head_dim = 16, n_rot = 16} : tensor<1x1x32xf32>
  %ka = rlx.kv_append %kc, %kr position(%pos) : tensor<1x99x32xf32>, tensor<1x1x32xf32>
  %va = rlx.kv_append %vc, %v position(%pos) : tensor<1x99x32xf32>, tensor<1x1x32xf32>
  %kk = rlx.repeat_kv %ka {head_dim = 16, group = 2} : tensor<1x99x32xf32> -> tensor<1x99x64xf32>
  %vv = rlx.repeat_kv %va {head_dim = 16, group = 2} : tensor<1x99x32xf32> -> tensor<1x99x64xf32>
  %o = rlx.attention %qr, %kk, %vv kv_length(%n) {num_heads = 4, num_kv_heads = 4, head_dim = 16} : tensor<1x1x64xf32>, tensor<1x99x64xf32>
  func.return %o : tensor<1x1x64xf32>
}
