// RUN: rlxc opt -p convert-rlx-to-linalg %s | filecheck %s
// RUN: xdsl-opt -p convert-rlx-to-linalg %s | mlir-opt

// The halves of each head rotate; together they are all of it.
// CHECK-LABEL: func.func @half
// CHECK:         %[[HEADS:.*]] = tensor.expand_shape %x {{.*}} output_shape [%x_dim0, %x_dim1, 2, 16]
// CHECK-NEXT:    %[[COS:.*]] = tensor.extract_slice %cos[0, 0] [%x_dim1, 8] [1, 1] : tensor<64x8xf32> to tensor<?x8xf32>
// CHECK-NEXT:    %[[SIN:.*]] = tensor.extract_slice %sin[0, 0] [%x_dim1, 8] [1, 1]
// CHECK-NEXT:    %a = tensor.extract_slice %[[HEADS]][0, 0, 0, 0] [%x_dim0, %x_dim1, 2, 8] [1, 1, 1, 1]
// CHECK-NEXT:    %b = tensor.extract_slice %[[HEADS]][0, 0, 0, 8] [%x_dim0, %x_dim1, 2, 8] [1, 1, 1, 1]
// CHECK:         %[[FIRST:.*]] = linalg.generic
// CHECK-SAME:      affine_map<(d0, d1, d2, d3) -> (d1, d3)>
// CHECK-SAME:      ins(%a, %b, %[[COS]], %[[SIN]]
// CHECK-NEXT:    ^bb0(%[[A:.*]]: f32, %[[B:.*]]: f32, %[[C:.*]]: f32, %[[S:.*]]: f32, %{{.*}}: f32):
// CHECK-NEXT:      %[[AC:.*]] = arith.mulf %[[A]], %[[C]] : f32
// CHECK-NEXT:      %[[BS:.*]] = arith.mulf %[[B]], %[[S]] : f32
// CHECK-NEXT:      arith.subf %[[AC]], %[[BS]] : f32
// CHECK:         %[[SECOND:.*]] = linalg.generic {{.*}} ins(%a, %b, %[[COS]], %[[SIN]]
// CHECK-NEXT:    ^bb0(%[[A:.*]]: f32, %[[B:.*]]: f32, %[[C:.*]]: f32, %[[S:.*]]: f32, %{{.*}}: f32):
// CHECK-NEXT:      %[[BC:.*]] = arith.mulf %[[B]], %[[C]] : f32
// CHECK-NEXT:      %[[AS:.*]] = arith.mulf %[[A]], %[[S]] : f32
// CHECK-NEXT:      arith.addf %[[BC]], %[[AS]] : f32
// CHECK:         %[[INIT:.*]] = tensor.empty(%x_dim0, %x_dim1) : tensor<?x?x2x16xf32>
// CHECK-NEXT:    %[[PART:.*]] = tensor.insert_slice %[[FIRST]] into %[[INIT]][0, 0, 0, 0] [%x_dim0, %x_dim1, 2, 8] [1, 1, 1, 1]
// CHECK-NEXT:    %[[ALL:.*]] = tensor.insert_slice %[[SECOND]] into %[[PART]][0, 0, 0, 8] [%x_dim0, %x_dim1, 2, 8] [1, 1, 1, 1]
// CHECK-NEXT:    %y = tensor.collapse_shape %[[ALL]]
func.func @half(%x: tensor<?x?x32xf32>, %cos: tensor<64x8xf32>, %sin: tensor<64x8xf32>) -> tensor<?x?x32xf32> {
  %y = rlx.rope %x, %cos, %sin {head_dim = 16, n_rot = 16} : tensor<?x?x32xf32>
  func.return %y : tensor<?x?x32xf32>
}

// Neighbours rotate; the other components of x stay.
// CHECK-LABEL: func.func @interleaved_part
// CHECK:         %[[HEADS:.*]] = tensor.expand_shape %x
// CHECK:         %a = tensor.extract_slice %[[HEADS]][0, 0, 0, 0] [1, 4, 2, 3] [1, 1, 1, 2]
// CHECK-NEXT:    %b = tensor.extract_slice %[[HEADS]][0, 0, 0, 1] [1, 4, 2, 3] [1, 1, 1, 2]
// CHECK:         %[[PART:.*]] = tensor.insert_slice %{{.*}} into %[[HEADS]][0, 0, 0, 0] [1, 4, 2, 3] [1, 1, 1, 2]
// CHECK-NEXT:    tensor.insert_slice %{{.*}} into %[[PART]][0, 0, 0, 1] [1, 4, 2, 3] [1, 1, 1, 2]
func.func @interleaved_part(%x: tensor<1x4x32xf32>, %cos: tensor<64x3xf32>, %sin: tensor<64x3xf32>) -> tensor<1x4x32xf32> {
  %y = rlx.rope %x, %cos, %sin style(interleaved) {head_dim = 16, n_rot = 6} : tensor<1x4x32xf32>
  func.return %y : tensor<1x4x32xf32>
}

// CHECK-LABEL: func.func @position
// CHECK:         tensor.extract_slice %cos[%p, 0] [4, 8] [1, 1] : tensor<64x8xf32> to tensor<4x8xf32>
// CHECK-NEXT:    tensor.extract_slice %sin[%p, 0] [4, 8] [1, 1] : tensor<64x8xf32> to tensor<4x8xf32>
func.func @position(%x: tensor<1x4x32xf32>, %cos: tensor<64x8xf32>, %sin: tensor<64x8xf32>, %p: index) -> tensor<1x4x32xf32> {
  %y = rlx.rope %x, %cos, %sin position(%p) {head_dim = 16, n_rot = 16} : tensor<1x4x32xf32>
  func.return %y : tensor<1x4x32xf32>
}
