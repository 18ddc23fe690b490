// RUN: rlxc opt -p convert-rlx-to-linalg %s | filecheck %s
// RUN: xdsl-opt -p convert-rlx-to-linalg %s | mlir-opt

// x / (1 + exp(-x)) * up
// CHECK-LABEL: func.func @swiglu
// CHECK:         %y = linalg.generic {{.*}} iterator_types = ["parallel", "parallel", "parallel"]} ins(%gate, %up
// CHECK-NEXT:    ^bb0(%[[X:.*]]: f32, %[[UP:.*]]: f32, %out: f32):
// CHECK-NEXT:      %[[NEGATED:.*]] = arith.negf %[[X]] : f32
// CHECK-NEXT:      %[[EXP:.*]] = math.exp %[[NEGATED]] : f32
// CHECK-NEXT:      %[[ONE:.*]] = arith.constant 1.000000e+00 : f32
// CHECK-NEXT:      %[[SUM:.*]] = arith.addf %[[EXP]], %[[ONE]] : f32
// CHECK-NEXT:      %[[SILU:.*]] = arith.divf %[[X]], %[[SUM]] : f32
// CHECK-NEXT:      %[[GATED:.*]] = arith.mulf %[[SILU]], %[[UP]] : f32
// CHECK-NEXT:      linalg.yield %[[GATED]] : f32
func.func @swiglu(%gate: tensor<1x4x64xf32>, %up: tensor<1x4x64xf32>) -> tensor<1x4x64xf32> {
  %y = rlx.glu %gate, %up activation(silu) : tensor<1x4x64xf32>
  func.return %y : tensor<1x4x64xf32>
}

// x/2 (1 + erf(x / sqrt 2))
// CHECK-LABEL: func.func @geglu
// CHECK:         ^bb0(%[[X:.*]]: f64, %{{.*}}: f64, %out: f64):
// CHECK-NEXT:      %[[TWO:.*]] = arith.constant 2.000000e+00 : f64
// CHECK-NEXT:      %[[HALF:.*]] = arith.divf %[[X]], %[[TWO]] : f64
// CHECK-NEXT:      %[[ROOT:.*]] = arith.constant 1.4142135623730951 : f64
// CHECK-NEXT:      %[[SCALED:.*]] = arith.divf %[[X]], %[[ROOT]] : f64
// CHECK-NEXT:      %[[ERF:.*]] = math.erf %[[SCALED]] : f64
// CHECK-NEXT:      %[[ONE:.*]] = arith.constant 1.000000e+00 : f64
// CHECK-NEXT:      %[[SUM:.*]] = arith.addf %[[ERF]], %[[ONE]] : f64
// CHECK-NEXT:      arith.mulf %[[HALF]], %[[SUM]] : f64
func.func @geglu(%gate: tensor<1x4x64xf64>, %up: tensor<1x4x64xf64>) -> tensor<1x4x64xf64> {
  %y = rlx.glu %gate, %up activation(gelu) : tensor<1x4x64xf64>
  func.return %y : tensor<1x4x64xf64>
}

// x/2 (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3)))
// CHECK-LABEL: func.func @geglu_tanh
// CHECK:         ^bb0(%[[X:.*]]: f64, %{{.*}}: f64, %out: f64):
// CHECK:           %[[SQUARE:.*]] = arith.mulf %[[X]], %[[X]] : f64
// CHECK-NEXT:      %[[CUBE:.*]] = arith.mulf %[[SQUARE]], %[[X]] : f64
// CHECK-NEXT:      %[[FACTOR:.*]] = arith.constant 4.471500e-02 : f64
// CHECK-NEXT:      %[[TERM:.*]] = arith.mulf %[[CUBE]], %[[FACTOR]] : f64
// CHECK-NEXT:      %[[INNER:.*]] = arith.addf %[[X]], %[[TERM]] : f64
// CHECK-NEXT:      %[[ROOT:.*]] = arith.constant 0.79788456080286541 : f64
// CHECK-NEXT:      %[[ARGUMENT:.*]] = arith.mulf %[[INNER]], %[[ROOT]] : f64
// CHECK-NEXT:      math.tanh %[[ARGUMENT]] : f64
func.func @geglu_tanh(%gate: tensor<1x4x64xf64>, %up: tensor<1x4x64xf64>) -> tensor<1x4x64xf64> {
  %y = rlx.glu %gate, %up activation(gelu_tanh) : tensor<1x4x64xf64>
  func.return %y : tensor<1x4x64xf64>
}

// cap * tanh(x / cap), also for a cap of 1
// CHECK-LABEL: func.func @softcap
// CHECK:         ^bb0(%[[X:.*]]: f32, %out: f32):
// CHECK-NEXT:      %[[CAP:.*]] = arith.constant 1.000000e+00 : f32
// CHECK-NEXT:      %[[RATIO:.*]] = arith.divf %[[X]], %[[CAP]] : f32
// CHECK-NEXT:      %[[TANH:.*]] = math.tanh %[[RATIO]] : f32
// CHECK-NEXT:      arith.mulf %[[TANH]], %[[CAP]] : f32
func.func @softcap(%x: tensor<1x4x64xf32>) -> tensor<1x4x64xf32> {
  %y = rlx.softcap %x {cap = 1.0 : f64} : tensor<1x4x64xf32>
  func.return %y : tensor<1x4x64xf32>
}
