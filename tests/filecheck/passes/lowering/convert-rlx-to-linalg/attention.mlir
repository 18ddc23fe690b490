// RUN: rlxc opt -p convert-rlx-to-linalg %s | filecheck %s
// RUN: xdsl-opt -p convert-rlx-to-linalg %s | mlir-opt

// A loop over blocks of queries: as many as keep the scores within the limit, at least one and at most 64. Heads are
// views, in groups that share a key/value head; nothing is repeated.
// CHECK-LABEL: func.func @unmasked
// CHECK:         %[[K:.*]] = tensor.expand_shape %k {{.*}} into tensor<1x?x2x8xf32>
// CHECK:         %[[Q:.*]] = tensor.expand_shape %q {{.*}} into tensor<1x?x2x2x8xf32>
// CHECK:         %[[RESULT:.*]] = tensor.empty(%q_dim1) : tensor<1x?x2x2x8xf32>
// CHECK:         %[[ROW_SCORES:.*]] = arith.muli %k_dim1, %c4 : index
// CHECK-NEXT:    %[[NOT_ZERO:.*]] = arith.maxsi %[[ROW_SCORES]], %c1 : index
// CHECK-NEXT:    %[[LIMIT:.*]] = arith.constant 4194304 : index
// CHECK-NEXT:    %[[WITHIN:.*]] = arith.divui %[[LIMIT]], %[[NOT_ZERO]] : index
// CHECK-NEXT:    %[[MOST_ROWS:.*]] = arith.constant 64 : index
// CHECK-NEXT:    %[[REASONABLE:.*]] = arith.minsi %q_dim1, %[[MOST_ROWS]] : index
// CHECK-NEXT:    %[[AT_MOST:.*]] = arith.minsi %[[WITHIN]], %[[REASONABLE]] : index
// CHECK-NEXT:    %max_rows = arith.maxsi %[[AT_MOST]], %c1 : index
// CHECK:         %[[LOOP:.*]] = scf.for %row = %c0 to %q_dim1 step %max_rows iter_args(%result = %[[RESULT]]) -> (tensor<1x?x2x2x8xf32>) {
// CHECK-NEXT:      %[[LEFT:.*]] = arith.subi %q_dim1, %row : index
// CHECK-NEXT:      %rows = arith.minsi %max_rows, %[[LEFT]] : index
// CHECK-NEXT:      %q_block = tensor.extract_slice %[[Q]][0, %row, 0, 0, 0] [1, %rows, 2, 2, 8] [1, 1, 1, 1, 1]
// CHECK:           %scores = linalg.generic
// CHECK-SAME:        iterator_types = ["parallel", "parallel", "parallel", "parallel", "parallel", "reduction"]
// CHECK-SAME:        ins(%q_block, %[[K]] : tensor<1x?x2x2x8xf32>, tensor<1x?x2x8xf32>) outs(%{{.*}} : tensor<1x2x2x?x?xf32>)
// CHECK:           %scaled = linalg.generic {{.*}} ins(%scores
// CHECK:             %[[SCALE:.*]] = arith.constant 2.500000e-01 : f32
// CHECK-NEXT:        arith.mulf %{{.*}}, %[[SCALE]] : f32
// CHECK:           %[[LOWEST:.*]] = arith.constant -3.40282347e+38 : f32
// CHECK:           %[[LEAST:.*]] = linalg.fill ins(%[[LOWEST]]
// CHECK-NEXT:      %row_max = linalg.generic {{.*}} ins(%scaled : tensor<1x2x2x?x?xf32>) outs(%[[LEAST]] : tensor<1x2x2x?xf32>)
// CHECK:             arith.maximumf
// CHECK:           %weights = linalg.generic {{.*}} ins(%scaled, %row_max
// CHECK:             %[[SHIFTED:.*]] = arith.subf
// CHECK-NEXT:        math.exp %[[SHIFTED]] : f32
// CHECK:           %row_sum = linalg.generic {{.*}} ins(%weights
// CHECK:             arith.addf
// CHECK:           %context = linalg.generic
// CHECK-SAME:        iterator_types = ["parallel", "parallel", "parallel", "parallel", "reduction", "parallel"]
// CHECK-SAME:        ins(%weights, %[[K]] : tensor<1x2x2x?x?xf32>, tensor<1x?x2x8xf32>) outs(%{{.*}} : tensor<1x?x2x2x8xf32>)
// CHECK:           %block = linalg.generic {{.*}} ins(%context, %row_sum
// CHECK:             %[[ONE:.*]] = arith.constant 1.000000e+00 : f32
// CHECK-NEXT:        %[[AT_LEAST:.*]] = arith.maximumf %{{.*}}, %[[ONE]] : f32
// CHECK-NEXT:        arith.divf %{{.*}}, %[[AT_LEAST]] : f32
// CHECK:           %[[NEXT:.*]] = tensor.insert_slice %block into %result[0, %row, 0, 0, 0] [1, %rows, 2, 2, 8] [1, 1, 1, 1, 1]
// CHECK-NEXT:      scf.yield %[[NEXT]]
// CHECK:         %o = tensor.collapse_shape %[[LOOP]]
func.func @unmasked(%q: tensor<1x?x32xf32>, %k: tensor<1x?x16xf32>) -> tensor<1x?x32xf32> {
  %o = rlx.attention %q, %k, %k {num_heads = 4, num_kv_heads = 2, head_dim = 8, scale = 0.25 : f64}
    : tensor<1x?x32xf32>, tensor<1x?x16xf32>
  func.return %o : tensor<1x?x32xf32>
}

// Queries and keys of one sequence have the same positions. A block sees no key behind its last query.
// CHECK-LABEL: func.func @causal
// CHECK:           %[[BEHIND:.*]] = arith.addi %row, %rows : index
// CHECK-NEXT:      %key_end = arith.minsi %x_dim1, %[[BEHIND]] : index
// CHECK:           %k_block = tensor.extract_slice %{{.*}}[0, 0, 0, 0] [1, %key_end, 2, 8] [1, 1, 1, 1]
// CHECK:           %masked = linalg.generic {{.*}} ins(%scores
// CHECK:             %[[INDEX:.*]] = linalg.index 3 : index
// CHECK-NEXT:        %query = arith.addi %[[INDEX]], %row : index
// CHECK-NEXT:        %key = linalg.index 4 : index
// CHECK-NEXT:        %[[VISIBLE:.*]] = arith.cmpi sle, %key, %query : index
// CHECK-NEXT:        %[[NEVER:.*]] = arith.constant 0xff800000 : f32
// CHECK-NEXT:        arith.select %[[VISIBLE]], %{{.*}}, %[[NEVER]] : f32
func.func @causal(%x: tensor<1x?x16xf32>) -> tensor<1x?x16xf32> {
  %o = rlx.attention %x, %x, %x mask(causal) {num_heads = 2, num_kv_heads = 2, head_dim = 8} : tensor<1x?x16xf32>, tensor<1x?x16xf32>
  func.return %o : tensor<1x?x16xf32>
}

// A window also ends the keys in front. The number of keys has a bound that does not depend on the block.
// CHECK-LABEL: func.func @sliding
// CHECK:           %key_end = arith.minsi %x_dim1, %{{.*}} : index
// CHECK-NEXT:      %[[WINDOW:.*]] = arith.constant 4 : index
// CHECK-NEXT:      %[[BEFORE:.*]] = arith.subi %row, %[[WINDOW]] : index
// CHECK-NEXT:      %[[IN_FRONT:.*]] = arith.maxsi %[[BEFORE]], %c0 : index
// CHECK-NEXT:      %first_key = arith.minsi %key_end, %[[IN_FRONT]] : index
// CHECK-NEXT:      %[[MOST:.*]] = arith.addi %max_rows, %[[WINDOW]] : index
// CHECK-NEXT:      %[[BOUND:.*]] = arith.minsi %x_dim1, %[[MOST]] : index
// CHECK-NEXT:      %[[SEEN:.*]] = arith.subi %key_end, %first_key : index
// CHECK-NEXT:      %keys = arith.minsi %[[BOUND]], %[[SEEN]] : index
// CHECK:           tensor.extract_slice %{{.*}}[0, %first_key, 0, 0] [1, %keys, 2, 8] [1, 1, 1, 1]
// CHECK:           %masked = linalg.generic
// CHECK:             %[[INDEX:.*]] = linalg.index 4 : index
// CHECK-NEXT:        %key = arith.addi %[[INDEX]], %first_key : index
// CHECK-NEXT:        %[[CAUSAL:.*]] = arith.cmpi sle, %key, %query : index
// CHECK-NEXT:        %[[FIVE:.*]] = arith.constant 5 : index
// CHECK-NEXT:        %[[START:.*]] = arith.subi %query, %[[FIVE]] : index
// CHECK-NEXT:        %[[NEAR:.*]] = arith.cmpi sgt, %key, %[[START]] : index
// CHECK-NEXT:        arith.andi %[[CAUSAL]], %[[NEAR]] : i1
func.func @sliding(%x: tensor<1x?x16xf32>) -> tensor<1x?x16xf32> {
  %o = rlx.attention %x, %x, %x mask(sliding<5>) {num_heads = 2, num_kv_heads = 2, head_dim = 8} : tensor<1x?x16xf32>, tensor<1x?x16xf32>
  func.return %o : tensor<1x?x16xf32>
}

// Queries are aligned with the last keys; more queries than keys have negative positions, and see none.
// CHECK-LABEL: func.func @other_keys
// CHECK:         %[[OFFSET:.*]] = arith.subi %k_dim1, %q_dim1 : index
// CHECK:           %[[FIRST:.*]] = arith.addi %row, %[[OFFSET]] : index
// CHECK-NEXT:      %[[BEHIND:.*]] = arith.addi %[[FIRST]], %rows : index
// CHECK-NEXT:      %[[NOT_NEGATIVE:.*]] = arith.maxsi %[[BEHIND]], %c0 : index
// CHECK-NEXT:      %key_end = arith.minsi %k_dim1, %[[NOT_NEGATIVE]] : index
func.func @other_keys(%q: tensor<1x?x16xf32>, %k: tensor<1x?x16xf32>) -> tensor<1x?x16xf32> {
  %o = rlx.attention %q, %k, %k mask(causal) {num_heads = 2, num_kv_heads = 2, head_dim = 8} : tensor<1x?x16xf32>, tensor<1x?x16xf32>
  func.return %o : tensor<1x?x16xf32>
}

// The order: scale, cap, bias, mask. A bias of one head serves all.
// CHECK-LABEL: func.func @scores
// CHECK:           %bias_block = tensor.extract_slice %b[0, 0, %row, 0] [1, 1, %rows, 4] [1, 1, 1, 1]
// CHECK:           %masked = linalg.generic
// CHECK-SAME:        affine_map<(d0, d1, d2, d3, d4) -> (d0, 0, d3, d4)>, affine_map<(d0, d1, d2, d3, d4) -> (d0, d4)>
// CHECK-SAME:        ins(%scores, %bias_block, %pad :
// CHECK-NEXT:      ^bb0(%[[S:.*]]: f32, %[[B:.*]]: f32, %[[SEEN:.*]]: i1, %out: f32):
// CHECK-NEXT:        %[[SCALE:.*]] = arith.constant 5.000000e-01 : f32
// CHECK-NEXT:        %[[SCALED:.*]] = arith.mulf %[[S]], %[[SCALE]] : f32
// CHECK-NEXT:        %[[CAP:.*]] = arith.constant 3.000000e+01 : f32
// CHECK-NEXT:        %[[RATIO:.*]] = arith.divf %[[SCALED]], %[[CAP]] : f32
// CHECK-NEXT:        %[[TANH:.*]] = math.tanh %[[RATIO]] : f32
// CHECK-NEXT:        %[[CAPPED:.*]] = arith.mulf %[[TANH]], %[[CAP]] : f32
// CHECK-NEXT:        %[[BIASED:.*]] = arith.addf %[[CAPPED]], %[[B]] : f32
// CHECK-NEXT:        %[[NEVER:.*]] = arith.constant 0xff800000 : f32
// CHECK-NEXT:        arith.select %[[SEEN]], %[[BIASED]], %[[NEVER]] : f32
func.func @scores(%x: tensor<1x4x16xf32>, %b: tensor<1x1x4x4xf32>, %pad: tensor<1x4xi1>) -> tensor<1x4x16xf32> {
  %o = rlx.attention %x, %x, %x padding(%pad) bias(%b)
    {num_heads = 2, num_kv_heads = 2, head_dim = 8, scale = 0.5 : f64, softcap = 30.0 : f64} : tensor<1x4x16xf32>, tensor<1x4x16xf32>
  func.return %o : tensor<1x4x16xf32>
}

// A bias with all heads has them in groups.
// CHECK-LABEL: func.func @bias_of_heads
// CHECK:         %[[BIAS:.*]] = tensor.expand_shape %b {{.*}} into tensor<1x2x2x4x4xf32>
// CHECK:           tensor.extract_slice %[[BIAS]][0, 0, 0, %row, 0] [1, 2, 2, %rows, 4] [1, 1, 1, 1, 1]
func.func @bias_of_heads(%q: tensor<1x4x32xf32>, %k: tensor<1x4x16xf32>, %b: tensor<1x4x4x4xf32>) -> tensor<1x4x32xf32> {
  %o = rlx.attention %q, %k, %k bias(%b) {num_heads = 4, num_kv_heads = 2, head_dim = 8} : tensor<1x4x32xf32>, tensor<1x4x16xf32>
  func.return %o : tensor<1x4x32xf32>
}

// Gain, then rotation, once before the loop; V is K before both. Only valid keys take part.
// CHECK-LABEL: func.func @rope
// CHECK:         %[[VALID:.*]] = tensor.extract_slice %k[0, 0, 0] [1, %n, 16] [1, 1, 1]
// CHECK-NEXT:    %[[HEADS:.*]] = tensor.expand_shape %[[VALID]]
// CHECK:         %k_gained = linalg.generic {{.*}} ins(%[[HEADS]], %g
// CHECK:         tensor.extract_slice %cos[%p, 0] [4, 4] [1, 1]
// CHECK:         %q_rot = tensor.insert_slice
// CHECK:         tensor.extract_slice %cos[0, 0] [%n, 4] [1, 1]
// CHECK:         tensor.extract_slice %k_gained
// CHECK:         %k_rot = tensor.insert_slice
// CHECK:         scf.for
// CHECK:           %k_block = tensor.extract_slice %k_rot
// CHECK:           %scores = linalg.generic {{.*}} ins(%q_block, %k_block
// CHECK:           %v_block = tensor.extract_slice %[[HEADS]]
// CHECK:           %context = linalg.generic {{.*}} ins(%weights, %v_block
func.func @rope(%q: tensor<1x4x16xf32>, %k: tensor<1x64x16xf32>, %cos: tensor<64x4xf32>, %sin: tensor<64x4xf32>,
                %g: tensor<8xf32>, %n: index, %p: index) -> tensor<1x4x16xf32> {
  %o = rlx.attention %q, %k, %k rope(%cos, %sin) k_gain(%g) mask(causal) kv_length(%n) query_offset(%p)
    {num_heads = 2, num_kv_heads = 2, head_dim = 8, n_rot = 8} : tensor<1x4x16xf32>, tensor<1x64x16xf32>
  func.return %o : tensor<1x4x16xf32>
}

// One query is one block, and sees all the keys in range.
// CHECK-LABEL: func.func @decode
// CHECK-NOT:     scf.for
// CHECK-NOT:     arith.select
// CHECK:         %key_end = arith.minsi %n, %{{.*}} : index
// CHECK:         %block = linalg.generic
// CHECK:         %o = tensor.collapse_shape %block
func.func @decode(%q: tensor<1x1x16xf32>, %k: tensor<1x64x16xf32>, %n: index, %p: index) -> tensor<1x1x16xf32> {
  %o = rlx.attention %q, %k, %k mask(causal) kv_length(%n) query_offset(%p) {num_heads = 2, num_kv_heads = 2, head_dim = 8}
    : tensor<1x1x16xf32>, tensor<1x64x16xf32>
  func.return %o : tensor<1x1x16xf32>
}

// A scale of 1 is no operation.
// CHECK-LABEL: func.func @unscaled
// CHECK:           %row_max = linalg.generic {{.*}} ins(%scores
// CHECK:           %weights = linalg.generic {{.*}} ins(%scores, %row_max
func.func @unscaled(%x: tensor<1x4x16xf32>) -> tensor<1x4x16xf32> {
  %o = rlx.attention %x, %x, %x {num_heads = 2, num_kv_heads = 2, head_dim = 8, scale = 1.0 : f64} : tensor<1x4x16xf32>, tensor<1x4x16xf32>
  func.return %o : tensor<1x4x16xf32>
}

// CHECK-LABEL: func.func @f64
// CHECK:           arith.constant 0xfff0000000000000 : f64
// CHECK:           arith.constant -1.7976931348623157e+308 : f64
func.func @f64(%x: tensor<1x4x16xf64>) -> tensor<1x4x16xf64> {
  %o = rlx.attention %x, %x, %x mask(causal) {num_heads = 2, num_kv_heads = 2, head_dim = 8} : tensor<1x4x16xf64>, tensor<1x4x16xf64>
  func.return %o : tensor<1x4x16xf64>
}
