// RUN: rlxc opt -p rlx-bufferize %s | filecheck %s

// What is needed later, or belongs to somebody else, is copied first; the called function overwrites the copy.
// CHECK-LABEL: func.func @needed_later(
// CHECK:         "memref.copy"(%cache, %c)
// CHECK-NEXT:    kernel.call @layer(%c) outs(%c)
func.func @needed_later(%cache: tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>) {
  %0 = tensor.empty() : tensor<4xf32>
  %s = kernel.call @scratch(%cache) outs(%0) : (tensor<4xf32>), (tensor<4xf32>) -> tensor<4xf32>
  %c = kernel.call @layer(%cache) outs(%0) : (tensor<4xf32>), (tensor<4xf32>) -> tensor<4xf32>
  func.return %c, %cache : tensor<4xf32>, tensor<4xf32>
}
func.func private @layer(%old: tensor<4xf32> {rlx.donated}) -> tensor<4xf32> {
  %new = linalg.add ins(%old, %old : tensor<4xf32>, tensor<4xf32>) outs(%old : tensor<4xf32>) -> tensor<4xf32>
  func.return %new : tensor<4xf32>
}

// What it may overwrite, and keeps nothing in, is a copy.
// CHECK-LABEL: func.func private @scratch(
// CHECK:         "memref.copy"(%x, %{{.*}})
// CHECK-NEXT:    kernel.call @overwrites(%{{.*}}) outs(%y)
func.func private @scratch(%x: tensor<4xf32>) -> tensor<4xf32> {
  %0 = tensor.empty() : tensor<4xf32>
  %y = kernel.call @overwrites(%x) outs(%0) : (tensor<4xf32>), (tensor<4xf32>) -> tensor<4xf32>
  func.return %y : tensor<4xf32>
}
func.func private @overwrites(%old: tensor<4xf32> {rlx.donated}) -> tensor<4xf32> {
  %0 = tensor.empty() : tensor<4xf32>
  %new = linalg.add ins(%old, %old : tensor<4xf32>, tensor<4xf32>) outs(%old : tensor<4xf32>) -> tensor<4xf32>
  %y = linalg.add ins(%new, %new : tensor<4xf32>, tensor<4xf32>) outs(%0 : tensor<4xf32>) -> tensor<4xf32>
  func.return %y : tensor<4xf32>
}
