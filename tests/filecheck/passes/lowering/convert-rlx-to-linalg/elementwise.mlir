// RUN: rlxc opt -p convert-rlx-to-linalg %s | filecheck %s
// RUN: xdsl-opt -p convert-rlx-to-linalg %s | mlir-opt

// CHECK-LABEL: func.func @add
// CHECK:         %y = linalg.generic {{.*}} ins(%a, %b : tensor<2x4xf32>, tensor<2x4xf32>)
// CHECK-NEXT:    ^bb0(%[[A:.*]]: f32, %[[B:.*]]: f32, %out: f32):
// CHECK-NEXT:      %[[SUM:.*]] = arith.addf %[[A]], %[[B]] : f32
// CHECK-NEXT:      linalg.yield %[[SUM]] : f32
func.func @add(%a: tensor<2x4xf32>, %b: tensor<2x4xf32>) -> tensor<2x4xf32> {
  %y = arith.addf %a, %b : tensor<2x4xf32>
  func.return %y : tensor<2x4xf32>
}

// Flags survive; an operand that occurs twice is read once.
// CHECK-LABEL: func.func @flags
// CHECK:         linalg.generic {{.*}} ins(%a : tensor<?xf32>)
// CHECK-NEXT:    ^bb0(%[[A:.*]]: f32, %out: f32):
// CHECK-NEXT:      arith.mulf %[[A]], %[[A]] fastmath<contract> : f32
func.func @flags(%a: tensor<?xf32>) -> tensor<?xf32> {
  %y = arith.mulf %a, %a fastmath<contract> : tensor<?xf32>
  func.return %y : tensor<?xf32>
}

// CHECK-LABEL: func.func @math
// CHECK:         linalg.generic {{.*}} ins(%a : tensor<?x3xf64>)
// CHECK:           math.exp %{{.*}} : f64
func.func @math(%a: tensor<?x3xf64>) -> tensor<?x3xf64> {
  %y = math.exp %a : tensor<?x3xf64>
  func.return %y : tensor<?x3xf64>
}

// A scalar operand stays one.
// CHECK-LABEL: func.func @select
// CHECK:         linalg.generic {{.*}} ins(%a, %b :
// CHECK-NEXT:    ^bb0(%[[A:.*]]: f32, %[[B:.*]]: f32, %out: f32):
// CHECK-NEXT:      arith.select %c, %[[A]], %[[B]] : f32
func.func @select(%c: i1, %a: tensor<4xf32>, %b: tensor<4xf32>) -> tensor<4xf32> {
  %y = arith.select %c, %a, %b : tensor<4xf32>
  func.return %y : tensor<4xf32>
}

// A tensor that holds one number is a number in the body.
// CHECK-LABEL: func.func @constant
// CHECK:         linalg.generic {{.*}} ins(%a : tensor<2x4xf32>)
// CHECK-NEXT:    ^bb0(%[[A:.*]]: f32, %out: f32):
// CHECK:           arith.mulf %[[A]], %{{.*}} : f32
// CHECK-NOT:     dense
func.func @constant(%a: tensor<2x4xf32>) -> tensor<2x4xf32> {
  %half = arith.constant dense<0.5> : tensor<2x4xf32>
  %y = arith.mulf %a, %half : tensor<2x4xf32>
  func.return %y : tensor<2x4xf32>
}

// CHECK-LABEL: func.func @returned_constant
// CHECK:         %[[TWO:.*]] = arith.constant 2.000000e+00 : f32
// CHECK:         %two = linalg.fill ins(%[[TWO]] : f32)
// CHECK-NEXT:    func.return %two
func.func @returned_constant() -> tensor<2x4xf32> {
  %two = arith.constant dense<2.0> : tensor<2x4xf32>
  func.return %two : tensor<2x4xf32>
}

// Scalars, and constants that hold several numbers, are not touched.
// CHECK-LABEL: func.func @others
// CHECK-NEXT:    arith.constant dense<[1.000000e+00, 2.000000e+00]> : tensor<2xf32>
// CHECK-NEXT:    arith.addi %n, %n : index
func.func @others(%n: index) -> (tensor<2xf32>, index) {
  %c = arith.constant dense<[1.0, 2.0]> : tensor<2xf32>
  %m = arith.addi %n, %n : index
  func.return %c, %m : tensor<2xf32>, index
}
