// RUN: rlxc opt %s --split-input-file --verify-diagnostics

func.func @features_differ(%x: tensor<?x?x64xf32>, %w: tensor<3x63x24xf32>, %y: tensor<?x?x70xf32>, %s: tensor<?xf32>) {
  // expected-error@+1 {{dimension 'in_features' is 63 here, but 64 in an earlier operand}}
  %0, %1 = kernel.matmul %x, %w outs(%y, %s) : tensor<?x?x64xf32>, tensor<3x63x24xf32>, tensor<?x?x70xf32>, tensor<?xf32> -> tensor<?x?x70xf32>, tensor<?xf32>
  func.return
}

// -----

func.func @half_bufferized(%x: memref<?x?x64xf32>, %w: tensor<3x64x24xf32>, %y: memref<?x?x70xf32>, %s: memref<?xf32>) {
  // expected-error@+1 {{takes either tensors or memrefs, not both}}
  kernel.matmul %x, %w outs(%y, %s) : memref<?x?x64xf32>, tensor<3x64x24xf32>, memref<?x?x70xf32>, memref<?xf32>
  func.return
}

// -----

func.func @no_results(%x: tensor<?x?x64xf32>, %w: tensor<3x64x24xf32>, %y: tensor<?x?x70xf32>, %s: tensor<?xf32>) {
  // expected-error@+1 {{its results are its two destinations where these are tensors, else there are none}}
  kernel.matmul %x, %w outs(%y, %s) : tensor<?x?x64xf32>, tensor<3x64x24xf32>, tensor<?x?x70xf32>, tensor<?xf32>
  func.return
}
