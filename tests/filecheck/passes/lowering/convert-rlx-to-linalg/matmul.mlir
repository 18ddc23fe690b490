// RUN: rlxc opt -p convert-rlx-to-linalg %s | filecheck %s
// RUN: xdsl-opt -p convert-rlx-to-linalg %s | mlir-opt

// The innermost loop runs along the rows of the weight.
// CHECK-LABEL: func.func @plain
// CHECK:         %[[ZEROS:.*]] = linalg.fill ins(%{{.*}} : f32) outs(%init : tensor<?x?x32xf32>)
// CHECK-NEXT:    %y = linalg.generic
// CHECK-SAME:      affine_map<(d0, d1, d2, d3) -> (d0, d1, d2)>, affine_map<(d0, d1, d2, d3) -> (d2, d3)>, affine_map<(d0, d1, d2, d3) -> (d0, d1, d3)>
// CHECK-SAME:      iterator_types = ["parallel", "parallel", "reduction", "parallel"]
// CHECK-SAME:      ins(%x, %w : tensor<?x?x64xf32>, tensor<64x32xf32>) outs(%[[ZEROS]] : tensor<?x?x32xf32>)
// CHECK-NEXT:    ^bb0(%[[X:.*]]: f32, %[[W:.*]]: f32, %acc: f32):
// CHECK-NEXT:      %[[PRODUCT:.*]] = arith.mulf %[[X]], %[[W]] : f32
// CHECK-NEXT:      %[[SUM:.*]] = arith.addf %acc, %[[PRODUCT]] : f32
// CHECK-NEXT:      linalg.yield %[[SUM]] : f32
// CHECK-NEXT:    } -> tensor<?x?x32xf32>
// CHECK-NEXT:    func.return %y
func.func @plain(%x: tensor<?x?x64xf32>, %w: tensor<64x32xf32>) -> tensor<?x?x32xf32> {
  %y = rlx.matmul %x, %w : tensor<?x?x64xf32>, tensor<64x32xf32>
  func.return %y : tensor<?x?x32xf32>
}

// act(x . w + b) + r, after the contraction and in one operation.
// CHECK-LABEL: func.func @epilogue
// CHECK:         %product = linalg.generic
// CHECK:         %y = linalg.generic
// CHECK-SAME:      affine_map<(d0, d1, d2) -> (d0, d1, d2)>, affine_map<(d0, d1, d2) -> (d2)>, affine_map<(d0, d1, d2) -> (d0, d1, d2)>
// CHECK-SAME:      ins(%product, %b, %r : tensor<2x4x32xf32>, tensor<32xf32>, tensor<2x4x32xf32>)
// CHECK-NEXT:    ^bb0(%[[X:.*]]: f32, %[[B:.*]]: f32, %[[R:.*]]: f32, %out: f32):
// CHECK-NEXT:      %[[BIASED:.*]] = arith.addf %[[X]], %[[B]] : f32
// CHECK-NEXT:      %[[ACTIVATED:.*]] = arith.maximumf %[[BIASED]], %{{.*}} : f32
// CHECK-NEXT:      %[[RESULT:.*]] = arith.addf %[[ACTIVATED]], %[[R]] : f32
// CHECK-NEXT:      linalg.yield %[[RESULT]] : f32
func.func @epilogue(%x: tensor<2x4x64xf32>, %w: tensor<64x32xf32>, %b: tensor<32xf32>, %r: tensor<2x4x32xf32>)
    -> tensor<2x4x32xf32> {
  %y = rlx.matmul %x, %w bias(%b) activation(relu) residual(%r) : tensor<2x4x64xf32>, tensor<64x32xf32>
  func.return %y : tensor<2x4x32xf32>
}

// One contraction, and act(gate) * up of its halves.
// CHECK-LABEL: func.func @gated
// CHECK:         %gate_up = linalg.generic
// CHECK-SAME:      ins(%x, %w : tensor<2x4x64xf32>, tensor<64x32xf32>)
// CHECK:         %gate = tensor.extract_slice %gate_up[0, 0, 0] [2, 4, 16] [1, 1, 1] : tensor<2x4x32xf32> to tensor<2x4x16xf32>
// CHECK-NEXT:    %up = tensor.extract_slice %gate_up[0, 0, 16] [2, 4, 16] [1, 1, 1] : tensor<2x4x32xf32> to tensor<2x4x16xf32>
// CHECK:         %y = linalg.generic
// CHECK-SAME:      ins(%gate, %up : tensor<2x4x16xf32>, tensor<2x4x16xf32>)
// CHECK-NEXT:    ^bb0(%[[GATE:.*]]: f32, %[[UP:.*]]: f32, %out: f32):
// CHECK:           %[[ACTIVATED:.*]] = arith.maximumf %[[GATE]], %{{.*}} : f32
// CHECK-NEXT:      %[[RESULT:.*]] = arith.mulf %[[ACTIVATED]], %[[UP]] : f32
// CHECK-NEXT:      linalg.yield %[[RESULT]] : f32
func.func @gated(%x: tensor<2x4x64xf32>, %w: tensor<64x32xf32>) -> tensor<2x4x16xf32> {
  %y = rlx.glu_matmul %x, %w activation(relu) : tensor<2x4x64xf32>, tensor<64x32xf32> -> tensor<2x4x16xf32>
  func.return %y : tensor<2x4x16xf32>
}

// CHECK-LABEL: func.func @split
// CHECK:         %a = tensor.extract_slice %x[0, 0, 0] [2, %x_dim1, 64] [1, 1, 1] : tensor<2x?x96xf64> to tensor<2x?x64xf64>
// CHECK-NEXT:    %b = tensor.extract_slice %x[0, 0, 64] [2, %x_dim1, 32] [1, 1, 1] : tensor<2x?x96xf64> to tensor<2x?x32xf64>
func.func @split(%x: tensor<2x?x96xf64>) -> (tensor<2x?x64xf64>, tensor<2x?x32xf64>) {
  %a, %b = rlx.split %x sizes [64, 32] : tensor<2x?x96xf64> -> tensor<2x?x64xf64>, tensor<2x?x32xf64>
  func.return %a, %b : tensor<2x?x64xf64>, tensor<2x?x32xf64>
}
