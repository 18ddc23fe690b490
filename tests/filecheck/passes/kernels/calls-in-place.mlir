// RUN: rlxc opt -p rlx-bufferize %s | filecheck %s

// What a called function leaves in an argument is computed in what is passed, if nobody needs what was there.
// CHECK-LABEL: func.func @in_place(
// CHECK-SAME:    %cache: memref<4xf32> {rlx.donated, rlx.holds_result = 1 : i64}
// CHECK-NOT:     memref.copy
// CHECK:         kernel.call @layer(%x, %cache) outs(%a, %cache) : (memref<4xf32>, memref<4xf32>), (memref<4xf32>, memref<4xf32>)
// CHECK-NEXT:    kernel.call @layer(%a, %cache) outs(%b, %cache)
func.func @in_place(%x: tensor<4xf32>, %cache: tensor<4xf32> {rlx.donated}) -> (tensor<4xf32>, tensor<4xf32>) {
  %0 = tensor.empty() : tensor<4xf32>
  %a, %c = kernel.call @layer(%x, %cache) outs(%0, %0)
    : (tensor<4xf32>, tensor<4xf32>), (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>, tensor<4xf32>
  %b, %d = kernel.call @layer(%a, %c) outs(%0, %0)
    : (tensor<4xf32>, tensor<4xf32>), (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>, tensor<4xf32>
  func.return %b, %d : tensor<4xf32>, tensor<4xf32>
}

// CHECK-LABEL: func.func private @layer(
// CHECK-SAME:    %h: memref<4xf32>, %old: memref<4xf32> {rlx.donated, rlx.holds_result = 1 : i64}, %y: memref<4xf32>)
func.func private @layer(%h: tensor<4xf32>, %old: tensor<4xf32> {rlx.donated}) -> (tensor<4xf32>, tensor<4xf32>) {
  %0 = tensor.empty() : tensor<4xf32>
  %y = linalg.add ins(%h, %old : tensor<4xf32>, tensor<4xf32>) outs(%0 : tensor<4xf32>) -> tensor<4xf32>
  %new = linalg.add ins(%old, %h : tensor<4xf32>, tensor<4xf32>) outs(%old : tensor<4xf32>) -> tensor<4xf32>
  func.return %y, %new : tensor<4xf32>, tensor<4xf32>
}
