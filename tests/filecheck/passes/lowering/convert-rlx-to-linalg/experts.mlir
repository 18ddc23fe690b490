// RUN: rlxc opt -p convert-rlx-to-linalg %s | filecheck %s
// RUN: xdsl-opt -p convert-rlx-to-linalg %s | mlir-opt

// An expert comes before another with a smaller logit, and before later ones with an equal one; 2 are kept.
// CHECK-LABEL: func.func @route
// CHECK:         %row_max = linalg.generic
// CHECK:         %weights = linalg.generic
// CHECK:         %rank = linalg.generic {{.*}} iterator_types = ["parallel", "parallel", "parallel", "reduction"]} ins(%l, %l
// CHECK-NEXT:    ^bb0(%[[OWN:.*]]: f32, %[[OTHER:.*]]: f32, %[[ACC:.*]]: f32):
// CHECK-NEXT:      %[[F:.*]] = linalg.index 3 : index
// CHECK-NEXT:      %[[E:.*]] = linalg.index 2 : index
// CHECK-NEXT:      %[[EARLIER:.*]] = arith.cmpi ult, %[[F]], %[[E]] : index
// CHECK-NEXT:      %[[NOT_LESS:.*]] = arith.cmpf oge, %[[OTHER]], %[[OWN]] : f32
// CHECK-NEXT:      %[[MORE:.*]] = arith.cmpf ogt, %[[OTHER]], %[[OWN]] : f32
// CHECK-NEXT:      %[[BEFORE:.*]] = arith.select %[[EARLIER]], %[[NOT_LESS]], %[[MORE]] : i1
// CHECK:         %kept = linalg.generic {{.*}} ins(%weights, %rank
// CHECK:           arith.constant 2.000000e+00 : f32
// CHECK:         %total = linalg.generic {{.*}} ins(%weights
// CHECK:         linalg.generic {{.*}} ins(%kept, %total
func.func @route(%l: tensor<1x?x8xf32>) -> tensor<1x?x8xf32> {
  %g = rlx.route %l {top_k = 2} : tensor<1x?x8xf32>
  func.return %g : tensor<1x?x8xf32>
}

// The sum is that of the kept terms; each share times the scale of its expert.
// CHECK-LABEL: func.func @renormalized
// CHECK:         %total = linalg.generic {{.*}} ins(%kept
// CHECK:         %shares = linalg.generic {{.*}} ins(%kept, %total
// CHECK:         linalg.generic {{.*}} ins(%shares, %s
func.func @renormalized(%l: tensor<1x?x8xf32>, %s: tensor<8xf32>) -> tensor<1x?x8xf32> {
  %g = rlx.route %l renormalize expert_scale(%s) {top_k = 2} : tensor<1x?x8xf32>
  func.return %g : tensor<1x?x8xf32>
}

// One loop for any number of experts; what an expert gives counts only where its gate is not 0.
// CHECK-LABEL: func.func @moe
// CHECK:         scf.for %expert = %{{.*}} to %{{.*}} step %{{.*}} iter_args(%partial = %{{.*}}) -> (tensor<1x?x64xf32>) {
// CHECK:           %[[GATE_UP:.*]] = arith.muli %expert, %{{.*}} : index
// CHECK-NEXT:      %gate_up_weight = tensor.extract_slice %w[0, %[[GATE_UP]]] [64, 40] [1, 1]
// CHECK:           %[[DOWN:.*]] = arith.muli %expert, %{{.*}} : index
// CHECK-NEXT:      %down_weight = tensor.extract_slice %d[0, %[[DOWN]]] [20, 64] [1, 1]
// CHECK:           %gate_up = linalg.generic {{.*}} ins(%x, %gate_up_weight
// CHECK:           %out{{.*}} = linalg.generic {{.*}} ins(%{{.*}}, %down_weight
// CHECK:           %expert_gates = tensor.extract_slice %g[0, 0, %expert]
// CHECK:           %[[SUM:.*]] = linalg.generic {{.*}} ins(%out{{.*}}, %expert_gates{{.*}} outs(%partial
// CHECK-NEXT:      ^bb0(%[[OUT:.*]]: f32, %[[GATE:.*]]: f32, %[[OLD:.*]]: f32):
// CHECK:             %[[UNCHOSEN:.*]] = arith.cmpf oeq, %[[GATE]], %{{.*}} : f32
// CHECK:             arith.select %[[UNCHOSEN]]
// CHECK:             arith.addf %[[OLD]]
// CHECK:           scf.yield %[[SUM]]
// CHECK-NOT:     scf.for
func.func @moe(%x: tensor<1x?x64xf32>, %g: tensor<1x?x128xf32>, %w: tensor<64x5120xf32>, %d: tensor<20x8192xf32>) -> tensor<1x?x64xf32> {
  %y = rlx.moe %x, %g, %w, %d activation(silu) : tensor<1x?x64xf32>, tensor<1x?x128xf32>, tensor<64x5120xf32>, tensor<20x8192xf32>
  func.return %y : tensor<1x?x64xf32>
}
