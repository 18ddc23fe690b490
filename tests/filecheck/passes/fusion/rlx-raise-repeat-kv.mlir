// RUN: rlxc opt -p rlx-raise-repeat-kv --remarks --verify-diagnostics %s | filecheck %s

!kv = tensor<1x8x32xf32>
!head = tensor<1x8x16xf32>
!copies = tensor<1x8x64xf32>
!any_kv = tensor<1x?x32xf32>
!any_head = tensor<1x?x16xf32>
!any_copies = tensor<1x?x64xf32>

// CHECK-LABEL: func.func @slices
// CHECK-NEXT: %r = rlx.repeat_kv %k {head_dim = 16 : i64, group = 2 : i64} : tensor<1x8x32xf32> -> tensor<1x8x64xf32>
// CHECK-NEXT: func.return %r
func.func @slices(%k: !kv) -> !copies {
  %k0 = tensor.extract_slice %k[0, 0, 0] [1, 8, 16] [1, 1, 1] : !kv to !head
  %k1 = tensor.extract_slice %k[0, 0, 16] [1, 8, 16] [1, 1, 1] : !kv to !head
  // expected-remark@below {{fused: copies each head of 16 for a group of 2 (2048 bytes)}}
  %r = tensor.concat dim(2) %k0, %k0, %k1, %k1 : (!head, !head, !head, !head) -> !copies
  func.return %r : !copies
}

// CHECK-LABEL: func.func @slices_of_dynamic_length
// CHECK-NEXT: rlx.repeat_kv %k {head_dim = 16 : i64, group = 2 : i64}
func.func @slices_of_dynamic_length(%k: !any_kv) -> !any_copies {
  %c1 = arith.constant 1 : index
  %s = tensor.dim %k, %c1 : !any_kv
  %k0 = tensor.extract_slice %k[0, 0, 0] [1, %s, 16] [1, 1, 1] : !any_kv to !any_head
  %k1 = tensor.extract_slice %k[0, 0, 16] [1, %s, 16] [1, 1, 1] : !any_kv to !any_head
  %k2 = tensor.extract_slice %k[0, 0, 16] [1, %s, 16] [1, 1, 1] : !any_kv to !any_head
  // expected-remark@below {{fused: copies each head of 16 for a group of 2 (256 bytes a token)}}
  %r = tensor.concat dim(2) %k0, %k0, %k1, %k2 : (!any_head, !any_head, !any_head, !any_head) -> !any_copies
  func.return %r : !any_copies
}

// The length is measured where it enters the function.
// CHECK-LABEL: func.func @slices_of_the_length_of_the_input
// CHECK-NEXT: %k = rlx.softcap %x
// CHECK-NEXT: rlx.repeat_kv %k
func.func @slices_of_the_length_of_the_input(%x: !any_kv) -> !any_copies {
  %c1 = arith.constant 1 : index
  %s = tensor.dim %x, %c1 : !any_kv
  %k = rlx.softcap %x {cap = 30.0 : f64} : !any_kv
  %k0 = tensor.extract_slice %k[0, 0, 0] [1, %s, 16] [1, 1, 1] : !any_kv to !any_head
  %k1 = tensor.extract_slice %k[0, 0, 16] [1, %s, 16] [1, 1, 1] : !any_kv to !any_head
  // expected-remark@below {{fused: copies each head}}
  %r = tensor.concat dim(2) %k0, %k0, %k1, %k1 : (!any_head, !any_head, !any_head, !any_head) -> !any_copies
  func.return %r : !any_copies
}

// CHECK-LABEL: func.func @one_head
// CHECK-NEXT: rlx.repeat_kv %k {head_dim = 32 : i64, group = 2 : i64}
func.func @one_head(%k: !any_kv) -> !any_copies {
  // expected-remark@below {{fused: copies each head of 32 for a group of 2}}
  %r = tensor.concat dim(2) %k, %k : (!any_kv, !any_kv) -> !any_copies
  func.return %r : !any_copies
}

// CHECK-LABEL: func.func @broadcast
// CHECK-NEXT: rlx.repeat_kv %k {head_dim = 16 : i64, group = 2 : i64}
// CHECK-NEXT: func.return
func.func @broadcast(%k: !kv) -> !copies {
  %h = tensor.expand_shape %k [[0], [1], [2, 3]] output_shape [1, 8, 2, 16] : !kv into tensor<1x8x2x16xf32>
  %e = tensor.empty() : tensor<1x8x2x2x16xf32>
  %b = linalg.broadcast ins(%h : tensor<1x8x2x16xf32>) outs(%e : tensor<1x8x2x2x16xf32>) dimensions = [3]
  // expected-remark@below {{fused: copies each head of 16 for a group of 2 (2048 bytes)}}
  %r = tensor.collapse_shape %b [[0], [1], [2, 3, 4]] : tensor<1x8x2x2x16xf32> into !copies
  func.return %r : !copies
}

// The group is written as a unit axis, and the heads are joined in two steps.
// CHECK-LABEL: func.func @generic_broadcast
// CHECK-NOT: linalg.generic
// CHECK: rlx.repeat_kv %k {head_dim = 16 : i64, group = 2 : i64}
// CHECK-NEXT: func.return
func.func @generic_broadcast(%k: !any_kv, %s: index) -> !any_copies {
  %h = tensor.expand_shape %k [[0], [1], [2, 3, 4]] output_shape [1, %s, 2, 1, 16] : !any_kv into tensor<1x?x2x1x16xf32>
  %e = tensor.empty(%s) : tensor<1x?x2x2x16xf32>
  %b = linalg.generic {
    indexing_maps = [affine_map<(b, s, h, g, d) -> (b, s, h, 0, d)>, affine_map<(b, s, h, g, d) -> (b, s, h, g, d)>],
    iterator_types = ["parallel", "parallel", "parallel", "parallel", "parallel"]
  } ins(%h : tensor<1x?x2x1x16xf32>) outs(%e : tensor<1x?x2x2x16xf32>) {
  ^bb0(%x: f32, %old: f32):
    linalg.yield %x : f32
  } -> tensor<1x?x2x2x16xf32>
  %j = tensor.collapse_shape %b [[0], [1], [2, 3], [4]] : tensor<1x?x2x2x16xf32> into tensor<1x?x4x16xf32>
  // expected-remark@below {{fused: copies each head of 16 for a group of 2 (256 bytes a token)}}
  %r = tensor.collapse_shape %j [[0], [1], [2, 3]] : tensor<1x?x4x16xf32> into !any_copies
  func.return %r : !any_copies
}

// CHECK-LABEL: func.func @broadcast_of_one_head
// CHECK-NEXT: rlx.repeat_kv %k {head_dim = 32 : i64, group = 2 : i64}
func.func @broadcast_of_one_head(%k: !kv) -> !copies {
  %e = tensor.empty() : tensor<1x8x2x32xf32>
  %b = linalg.broadcast ins(%k : !kv) outs(%e : tensor<1x8x2x32xf32>) dimensions = [2]
  // expected-remark@below {{fused: copies each head of 32 for a group of 2}}
  %r = tensor.collapse_shape %b [[0], [1], [2, 3]] : tensor<1x8x2x32xf32> into !copies
  func.return %r : !copies
}

// The copies with their own axes have another user, who keeps them.
// CHECK-LABEL: func.func @broadcast_has_another_user
// CHECK: %b = linalg.broadcast
// CHECK-NEXT: %r = rlx.repeat_kv %k
func.func @broadcast_has_another_user(%k: !kv) -> (!copies, tensor<1x8x2x2x16xf32>) {
  %h = tensor.expand_shape %k [[0], [1], [2, 3]] output_shape [1, 8, 2, 16] : !kv into tensor<1x8x2x16xf32>
  %e = tensor.empty() : tensor<1x8x2x2x16xf32>
  %b = linalg.broadcast ins(%h : tensor<1x8x2x16xf32>) outs(%e : tensor<1x8x2x2x16xf32>) dimensions = [3]
  // expected-remark@below {{fused: copies each head of 16}}
  %r = tensor.collapse_shape %b [[0], [1], [2, 3, 4]] : tensor<1x8x2x2x16xf32> into !copies
  func.return %r, %b : !copies, tensor<1x8x2x2x16xf32>
}

// Half a rotation is a concatenation of slices, too.
// CHECK-LABEL: func.func @nothing_is_repeated
// CHECK: tensor.concat
func.func @nothing_is_repeated(%k: !kv) -> !kv {
  %k0 = tensor.extract_slice %k[0, 0, 0] [1, 8, 16] [1, 1, 1] : !kv to !head
  %k1 = tensor.extract_slice %k[0, 0, 16] [1, 8, 16] [1, 1, 1] : !kv to !head
  %r = tensor.concat dim(2) %k1, %k0 : (!head, !head) -> !kv
  func.return %r : !kv
}

// CHECK-LABEL: func.func @slices_of_two_tensors
// CHECK: tensor.concat
func.func @slices_of_two_tensors(%k: !kv, %v: !kv) -> !copies {
  %k0 = tensor.extract_slice %k[0, 0, 0] [1, 8, 16] [1, 1, 1] : !kv to !head
  %v1 = tensor.extract_slice %v[0, 0, 16] [1, 8, 16] [1, 1, 1] : !kv to !head
  %r = tensor.concat dim(2) %k0, %k0, %v1, %v1 : (!head, !head, !head, !head) -> !copies
  func.return %r : !copies
}

// A generic that does more than copying is no broadcast.
// CHECK-LABEL: func.func @generic_computes
// CHECK: linalg.generic
func.func @generic_computes(%k: !kv) -> !copies {
  %h = tensor.expand_shape %k [[0], [1], [2, 3]] output_shape [1, 8, 2, 16] : !kv into tensor<1x8x2x16xf32>
  %e = tensor.empty() : tensor<1x8x2x2x16xf32>
  %b = linalg.generic {
    indexing_maps = [affine_map<(b, s, h, g, d) -> (b, s, h, d)>, affine_map<(b, s, h, g, d) -> (b, s, h, g, d)>],
    iterator_types = ["parallel", "parallel", "parallel", "parallel", "parallel"]
  } ins(%h : tensor<1x8x2x16xf32>) outs(%e : tensor<1x8x2x2x16xf32>) {
  ^bb0(%x: f32, %old: f32):
    %y = arith.addf %x, %x : f32
    linalg.yield %y : f32
  } -> tensor<1x8x2x2x16xf32>
  %r = tensor.collapse_shape %b [[0], [1], [2, 3, 4]] : tensor<1x8x2x2x16xf32> into !copies
  func.return %r : !copies
}

// CHECK-LABEL: func.func @tiled
// CHECK: tensor.concat
func.func @tiled(%k: !kv) -> !copies {
  %k0 = tensor.extract_slice %k[0, 0, 0] [1, 8, 16] [1, 1, 1] : !kv to !head
  %k1 = tensor.extract_slice %k[0, 0, 16] [1, 8, 16] [1, 1, 1] : !kv to !head
  // expected-remark@below {{missed: the order of heads is 0 1 0 1, and grouped queries need 0 0 1 1}}
  %r = tensor.concat dim(2) %k0, %k1, %k0, %k1 : (!head, !head, !head, !head) -> !copies
  func.return %r : !copies
}

// CHECK-LABEL: func.func @swapped
// CHECK: tensor.concat
func.func @swapped(%k: !kv) -> !copies {
  %k0 = tensor.extract_slice %k[0, 0, 0] [1, 8, 16] [1, 1, 1] : !kv to !head
  %k1 = tensor.extract_slice %k[0, 0, 16] [1, 8, 16] [1, 1, 1] : !kv to !head
  // expected-remark@below {{missed: the order of heads is 1 1 0 0, and grouped queries need 0 0 1 1}}
  %r = tensor.concat dim(2) %k1, %k1, %k0, %k0 : (!head, !head, !head, !head) -> !copies
  func.return %r : !copies
}

// CHECK-LABEL: func.func @missing_head
// CHECK: tensor.concat
func.func @missing_head(%k: tensor<1x8x48xf32>) -> !copies {
  %k0 = tensor.extract_slice %k[0, 0, 0] [1, 8, 16] [1, 1, 1] : tensor<1x8x48xf32> to !head
  %k1 = tensor.extract_slice %k[0, 0, 16] [1, 8, 16] [1, 1, 1] : tensor<1x8x48xf32> to !head
  // expected-remark@below {{missed: head 2 of 3 is missing}}
  %r = tensor.concat dim(2) %k0, %k0, %k1, %k1 : (!head, !head, !head, !head) -> !copies
  func.return %r : !copies
}

// CHECK-LABEL: func.func @unequal_counts
// CHECK: tensor.concat
func.func @unequal_counts(%k: !kv) -> !copies {
  %k0 = tensor.extract_slice %k[0, 0, 0] [1, 8, 16] [1, 1, 1] : !kv to !head
  %k1 = tensor.extract_slice %k[0, 0, 16] [1, 8, 16] [1, 1, 1] : !kv to !head
  // expected-remark@below {{missed: some heads occur 1 times, others 3 times}}
  %r = tensor.concat dim(2) %k0, %k0, %k0, %k1 : (!head, !head, !head, !head) -> !copies
  func.return %r : !copies
}

// CHECK-LABEL: func.func @unequal_sizes
// CHECK: tensor.concat
func.func @unequal_sizes(%k: !kv) -> !copies {
  %k0 = tensor.extract_slice %k[0, 0, 0] [1, 8, 8] [1, 1, 1] : !kv to tensor<1x8x8xf32>
  %k1 = tensor.extract_slice %k[0, 0, 8] [1, 8, 24] [1, 1, 1] : !kv to tensor<1x8x24xf32>
  // expected-remark@below {{missed: the slices are 8 and 24 wide, and heads are equally wide}}
  %r = tensor.concat dim(2) %k0, %k0, %k1, %k1 : (tensor<1x8x8xf32>, tensor<1x8x8xf32>, tensor<1x8x24xf32>, tensor<1x8x24xf32>) -> !copies
  func.return %r : !copies
}

// CHECK-LABEL: func.func @slices_across_heads
// CHECK: tensor.concat
func.func @slices_across_heads(%k: !kv) -> !copies {
  %k0 = tensor.extract_slice %k[0, 0, 0] [1, 8, 16] [1, 1, 1] : !kv to !head
  %k1 = tensor.extract_slice %k[0, 0, 8] [1, 8, 16] [1, 1, 1] : !kv to !head
  // expected-remark@below {{missed: the slices are not the heads of head_dim = 16 of their source}}
  %r = tensor.concat dim(2) %k0, %k0, %k1, %k1 : (!head, !head, !head, !head) -> !copies
  func.return %r : !copies
}

// CHECK-LABEL: func.func @another_axis
// CHECK: tensor.concat
func.func @another_axis(%k: !kv) -> tensor<1x16x32xf32> {
  // expected-remark@below {{missed: axis 1 is concatenated, and heads are packed in axis 2}}
  %r = tensor.concat dim(1) %k, %k : (!kv, !kv) -> tensor<1x16x32xf32>
  func.return %r : tensor<1x16x32xf32>
}

// CHECK-LABEL: func.func @another_rank
// CHECK: tensor.concat
func.func @another_rank(%k: tensor<8x32xf32>) -> tensor<8x64xf32> {
  // expected-remark@below {{missed: heads are packed in the last axis of a tensor [batch, seq, features]}}
  %r = tensor.concat dim(1) %k, %k : (tensor<8x32xf32>, tensor<8x32xf32>) -> tensor<8x64xf32>
  func.return %r : tensor<8x64xf32>
}

// CHECK-LABEL: func.func @strides
// CHECK: tensor.concat
func.func @strides(%k: !kv) -> !copies {
  %k0 = tensor.extract_slice %k[0, 0, 0] [1, 8, 16] [1, 1, 2] : !kv to !head
  %k1 = tensor.extract_slice %k[0, 0, 1] [1, 8, 16] [1, 1, 2] : !kv to !head
  // expected-remark@below {{missed: a slice has strides}}
  %r = tensor.concat dim(2) %k0, %k0, %k1, %k1 : (!head, !head, !head, !head) -> !copies
  func.return %r : !copies
}

// CHECK-LABEL: func.func @dynamic_offset
// CHECK: tensor.concat
func.func @dynamic_offset(%k: !kv, %h: index) -> !copies {
  %k0 = tensor.extract_slice %k[0, 0, 0] [1, 8, 16] [1, 1, 1] : !kv to !head
  %k1 = tensor.extract_slice %k[0, 0, %h] [1, 8, 16] [1, 1, 1] : !kv to !head
  // expected-remark@below {{missed: a slice has a dynamic offset or width}}
  %r = tensor.concat dim(2) %k0, %k0, %k1, %k1 : (!head, !head, !head, !head) -> !copies
  func.return %r : !copies
}

// CHECK-LABEL: func.func @dynamic_width
// CHECK: tensor.concat
func.func @dynamic_width(%k: !kv, %d: index) -> tensor<1x8x?xf32> {
  %k0 = tensor.extract_slice %k[0, 0, 0] [1, 8, %d] [1, 1, 1] : !kv to tensor<1x8x?xf32>
  %k1 = tensor.extract_slice %k[0, 0, 16] [1, 8, %d] [1, 1, 1] : !kv to tensor<1x8x?xf32>
  // expected-remark@below {{missed: a slice has a dynamic offset or width}}
  %r = tensor.concat dim(2) %k0, %k0, %k1 : (tensor<1x8x?xf32>, tensor<1x8x?xf32>, tensor<1x8x?xf32>) -> tensor<1x8x?xf32>
  func.return %r : tensor<1x8x?xf32>
}

// CHECK-LABEL: func.func @part_of_the_sequence
// CHECK: tensor.concat
func.func @part_of_the_sequence(%k: tensor<1x9x32xf32>) -> !copies {
  %k0 = tensor.extract_slice %k[0, 0, 0] [1, 8, 16] [1, 1, 1] : tensor<1x9x32xf32> to !head
  %k1 = tensor.extract_slice %k[0, 0, 16] [1, 8, 16] [1, 1, 1] : tensor<1x9x32xf32> to !head
  // expected-remark@below {{missed: a slice is not known to cover all of axis 1}}
  %r = tensor.concat dim(2) %k0, %k0, %k1, %k1 : (!head, !head, !head, !head) -> !copies
  func.return %r : !copies
}

// CHECK-LABEL: func.func @unknown_part_of_the_sequence
// CHECK: tensor.concat
func.func @unknown_part_of_the_sequence(%k: !any_kv, %s: index) -> !any_copies {
  %k0 = tensor.extract_slice %k[0, 0, 0] [1, %s, 16] [1, 1, 1] : !any_kv to !any_head
  %k1 = tensor.extract_slice %k[0, 0, 16] [1, %s, 16] [1, 1, 1] : !any_kv to !any_head
  // expected-remark@below {{missed: a slice is not known to cover all of axis 1}}
  %r = tensor.concat dim(2) %k0, %k0, %k1, %k1 : (!any_head, !any_head, !any_head, !any_head) -> !any_copies
  func.return %r : !any_copies
}

// CHECK-LABEL: func.func @half_precision
// CHECK: tensor.concat
func.func @half_precision(%k: tensor<1x8x32xf16>) -> tensor<1x8x64xf16> {
  // expected-remark@below {{missed: the heads are f16, and repeat_kv takes f32 or f64}}
  %r = tensor.concat dim(2) %k, %k : (tensor<1x8x32xf16>, tensor<1x8x32xf16>) -> tensor<1x8x64xf16>
  func.return %r : tensor<1x8x64xf16>
}

// CHECK-LABEL: func.func @broadcast_before_the_heads
// CHECK: linalg.broadcast
func.func @broadcast_before_the_heads(%k: !kv) -> !copies {
  %h = tensor.expand_shape %k [[0], [1], [2, 3]] output_shape [1, 8, 2, 16] : !kv into tensor<1x8x2x16xf32>
  %e = tensor.empty() : tensor<1x8x2x2x16xf32>
  %b = linalg.broadcast ins(%h : tensor<1x8x2x16xf32>) outs(%e : tensor<1x8x2x2x16xf32>) dimensions = [2]
  // expected-remark@below {{missed: copies along axis 2; a group of queries needs them right after the heads, along axis 3}}
  %r = tensor.collapse_shape %b [[0], [1], [2, 3, 4]] : tensor<1x8x2x2x16xf32> into !copies
  func.return %r : !copies
}

// CHECK-LABEL: func.func @broadcast_along_the_sequence
// CHECK: linalg.broadcast
func.func @broadcast_along_the_sequence(%k: !kv) -> tensor<1x16x32xf32> {
  %e = tensor.empty() : tensor<1x8x2x32xf32>
  %b = linalg.broadcast ins(%k : !kv) outs(%e : tensor<1x8x2x32xf32>) dimensions = [2]
  // expected-remark@below {{missed: the reshapes touch the batch or sequence axis}}
  %r = tensor.collapse_shape %b [[0], [1, 2], [3]] : tensor<1x8x2x32xf32> into tensor<1x16x32xf32>
  func.return %r : tensor<1x16x32xf32>
}

// CHECK-LABEL: func.func @dynamic_group
// CHECK: linalg.broadcast
func.func @dynamic_group(%k: !kv, %g: index) -> tensor<1x8x?xf32> {
  %h = tensor.expand_shape %k [[0], [1], [2, 3]] output_shape [1, 8, 2, 16] : !kv into tensor<1x8x2x16xf32>
  %e = tensor.empty(%g) : tensor<1x8x2x?x16xf32>
  %b = linalg.broadcast ins(%h : tensor<1x8x2x16xf32>) outs(%e : tensor<1x8x2x?x16xf32>) dimensions = [3]
  // expected-remark@below {{missed: the heads, the group or head_dim are not static}}
  %r = tensor.collapse_shape %b [[0], [1], [2, 3, 4]] : tensor<1x8x2x?x16xf32> into tensor<1x8x?xf32>
  func.return %r : tensor<1x8x?xf32>
}

// The copies know more about their shape than the heads do.
// CHECK-LABEL: func.func @another_type
// CHECK: linalg.generic
func.func @another_type(%k: !any_kv) -> !copies {
  %e = tensor.empty() : tensor<1x8x2x32xf32>
  %b = linalg.generic {
    indexing_maps = [affine_map<(b, s, g, d) -> (b, s, d)>, affine_map<(b, s, g, d) -> (b, s, g, d)>],
    iterator_types = ["parallel", "parallel", "parallel", "parallel"]
  } ins(%k : !any_kv) outs(%e : tensor<1x8x2x32xf32>) {
  ^bb0(%x: f32, %old: f32):
    linalg.yield %x : f32
  } -> tensor<1x8x2x32xf32>
  // expected-remark@below {{missed: the result is tensor<1x8x64xf32>, and repeat_kv makes tensor<1x?x64xf32>}}
  %r = tensor.collapse_shape %b [[0], [1], [2, 3]] : tensor<1x8x2x32xf32> into !copies
  func.return %r : !copies
}
