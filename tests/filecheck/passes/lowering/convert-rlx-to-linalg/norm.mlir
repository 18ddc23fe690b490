// RUN: rlxc opt -p convert-rlx-to-linalg %s | filecheck %s
// RUN: xdsl-opt -p convert-rlx-to-linalg %s | mlir-opt

// CHECK-LABEL: func.func @rms_norm
// CHECK:         %sum_of_squares = linalg.generic {{.*}} iterator_types = ["parallel", "parallel", "reduction"]} ins(%x
// CHECK-NEXT:    ^bb0(%[[X:.*]]: f32, %acc: f32):
// CHECK-NEXT:      %[[SQUARE:.*]] = arith.mulf %[[X]], %[[X]] : f32
// CHECK-NEXT:      %[[SUM:.*]] = arith.addf %acc, %[[SQUARE]] : f32
// CHECK-NEXT:      linalg.yield %[[SUM]] : f32
// CHECK-NEXT:    } -> tensor<?x?xf32>
// CHECK-NEXT:    %rms = linalg.generic {{.*}} ins(%sum_of_squares
// CHECK-NEXT:    ^bb0(%[[TOTAL:.*]]: f32, %out: f32):
// CHECK-NEXT:      %[[WIDTH:.*]] = arith.constant 6.400000e+01 : f32
// CHECK-NEXT:      %[[MEAN:.*]] = arith.divf %[[TOTAL]], %[[WIDTH]] : f32
// CHECK-NEXT:      %[[EPS:.*]] = arith.constant 1.000000e-05 : f32
// CHECK-NEXT:      %[[POSITIVE:.*]] = arith.addf %[[MEAN]], %[[EPS]] : f32
// CHECK-NEXT:      %[[ROOT:.*]] = math.sqrt %[[POSITIVE]] : f32
// CHECK:         %y = linalg.generic
// CHECK-SAME:      affine_map<(d0, d1, d2) -> (d0, d1, d2)>, affine_map<(d0, d1, d2) -> (d0, d1)>, affine_map<(d0, d1, d2) -> (d2)>
// CHECK-SAME:      ins(%x, %rms, %g
// CHECK-NEXT:    ^bb0(%[[X:.*]]: f32, %[[RMS:.*]]: f32, %[[G:.*]]: f32, %{{.*}}: f32):
// CHECK-NEXT:      %[[NORMED:.*]] = arith.divf %[[X]], %[[RMS]] : f32
// CHECK-NEXT:      %[[RESULT:.*]] = arith.mulf %[[NORMED]], %[[G]] : f32
// CHECK-NEXT:      linalg.yield %[[RESULT]] : f32
func.func @rms_norm(%x: tensor<?x?x64xf32>, %g: tensor<64xf32>) -> tensor<?x?x64xf32> {
  %y = rlx.rms_norm %x gamma(%g) {eps = 1.0e-5 : f64} : tensor<?x?x64xf32>
  func.return %y : tensor<?x?x64xf32>
}

// Each head apart, and the weight with its offset.
// CHECK-LABEL: func.func @heads
// CHECK:         %[[HEADS:.*]] = tensor.expand_shape %x {{.*}} into tensor<1x4x4x16xf32>
// CHECK:         %sum_of_squares = linalg.generic {{.*}} ins(%[[HEADS]] : tensor<1x4x4x16xf32>) outs(%{{.*}} : tensor<1x4x4xf32>)
// CHECK:         %[[NORMED:.*]] = linalg.generic {{.*}} ins(%[[HEADS]], %rms, %g : tensor<1x4x4x16xf32>, tensor<1x4x4xf32>, tensor<16xf32>)
// CHECK-NEXT:    ^bb0(%[[X:.*]]: f32, %[[RMS:.*]]: f32, %[[G:.*]]: f32, %{{.*}}: f32):
// CHECK-NEXT:      %[[QUOTIENT:.*]] = arith.divf %[[X]], %[[RMS]] : f32
// CHECK-NEXT:      %[[ONE:.*]] = arith.constant 1.000000e+00 : f32
// CHECK-NEXT:      %[[WEIGHT:.*]] = arith.addf %[[G]], %[[ONE]] : f32
// CHECK-NEXT:      arith.mulf %[[QUOTIENT]], %[[WEIGHT]] : f32
// CHECK:         %y = tensor.collapse_shape %[[NORMED]]
func.func @heads(%x: tensor<1x4x64xf32>, %g: tensor<16xf32>) -> tensor<1x4x64xf32> {
  %y = rlx.rms_norm %x gamma(%g) {eps = 1.0e-5 : f64, offset = 1.0 : f64, head_dim = 16} : tensor<1x4x64xf32>
  func.return %y : tensor<1x4x64xf32>
}

// CHECK-LABEL: func.func @weightless
// CHECK:         %y = linalg.generic {{.*}} ins(%x, %rms : tensor<1x4x64xf64>, tensor<1x4xf64>)
func.func @weightless(%x: tensor<1x4x64xf64>) -> tensor<1x4x64xf64> {
  %y = rlx.rms_norm %x {eps = 1.0e-5 : f64} : tensor<1x4x64xf64>
  func.return %y : tensor<1x4x64xf64>
}

// CHECK-LABEL: func.func @add_rms_norm
// CHECK:         %sum = linalg.generic {{.*}} ins(%x, %r
// CHECK:           arith.addf
// CHECK:         %sum_of_squares = linalg.generic {{.*}} ins(%sum
// CHECK:         %n = linalg.generic {{.*}} ins(%sum, %rms, %g
// CHECK:         func.return %sum, %n
func.func @add_rms_norm(%x: tensor<1x4x64xf32>, %r: tensor<1x4x64xf32>, %g: tensor<64xf32>)
    -> (tensor<1x4x64xf32>, tensor<1x4x64xf32>) {
  %sum, %n = rlx.add_rms_norm %x, %r, %g {eps = 1.0e-5 : f64} : tensor<1x4x64xf32>
  func.return %sum, %n : tensor<1x4x64xf32>, tensor<1x4x64xf32>
}

// CHECK-LABEL: func.func @layer_norm
// CHECK:         %row_sum = linalg.generic {{.*}} ins(%x
// CHECK:         %centred = linalg.generic {{.*}} ins(%x, %row_sum
// CHECK:           %[[MEAN:.*]] = arith.divf
// CHECK-NEXT:      arith.subf %{{.*}}, %[[MEAN]] : f32
// CHECK:         %sum_of_squares = linalg.generic {{.*}} ins(%centred
// CHECK:         %deviation = linalg.generic {{.*}} ins(%sum_of_squares
// CHECK:         %y = linalg.generic {{.*}} ins(%centred, %deviation, %g, %b
// CHECK:           %[[QUOTIENT:.*]] = arith.divf
// CHECK-NEXT:      %[[SCALED:.*]] = arith.mulf %[[QUOTIENT]]
// CHECK-NEXT:      arith.addf %[[SCALED]]
func.func @layer_norm(%x: tensor<1x4x64xf32>, %g: tensor<64xf32>, %b: tensor<64xf32>) -> tensor<1x4x64xf32> {
  %y = rlx.layer_norm %x, %g, %b {eps = 1.0e-5 : f64} : tensor<1x4x64xf32>
  func.return %y : tensor<1x4x64xf32>
}
