// RUN: rlxc opt %s | filecheck %s
// RUN: rlxc opt %s | rlxc opt - | filecheck %s

// CHECK-LABEL: @projection_of_tensors
func.func @projection_of_tensors(
    %x: tensor<?x?x64xf32>, %w: tensor<3x64x24xf32>, %b: tensor<70xf32>, %r: tensor<?x?x70xf32>,
    %y: tensor<?x?x70xf32>, %workspace: tensor<?xf32>) -> tensor<?x?x70xf32> {
  // CHECK: %z, %{{.*}} = kernel.matmul %x, %w bias(%b) activation(silu) residual(%r) outs(%y, %workspace) : tensor<?x?x64xf32>, tensor<3x64x24xf32>, tensor<?x?x70xf32>, tensor<?xf32> -> tensor<?x?x70xf32>, tensor<?xf32>
  %z, %w2 = kernel.matmul %x, %w bias(%b) activation(silu) residual(%r) outs(%y, %workspace)
    : tensor<?x?x64xf32>, tensor<3x64x24xf32>, tensor<?x?x70xf32>, tensor<?xf32> -> tensor<?x?x70xf32>, tensor<?xf32>
  func.return %z : tensor<?x?x70xf32>
}

// CHECK-LABEL: @gated_projection_of_memrefs
func.func @gated_projection_of_memrefs(
    %x: memref<?x?x64xf32, strided<[?, ?, 1], offset: ?>>, %w: memref<6x64x24xf32>, %y: memref<?x?x70xf32>,
    %workspace: memref<?xf32>) {
  // CHECK: kernel.matmul %x, %w gated activation(gelu_tanh) outs(%y, %workspace) : memref<?x?x64xf32, strided<[?, ?, 1], offset: ?>>, memref<6x64x24xf32>, memref<?x?x70xf32>, memref<?xf32>
  kernel.matmul %x, %w gated activation(gelu_tanh) outs(%y, %workspace)
    : memref<?x?x64xf32, strided<[?, ?, 1], offset: ?>>, memref<6x64x24xf32>, memref<?x?x70xf32>, memref<?xf32>
  func.return
}

// CHECK-LABEL: @attention_with_everything
func.func @attention_with_everything(
    %q: memref<?x?x64xf32>, %k: memref<?x?x16xf32>, %cos: memref<128x4xf32>, %sin: memref<128x4xf32>,
    %padding: memref<?x?xi1>, %bias: memref<?x1x?x?xf32>, %gain: memref<16xf32>, %n: index, %p: index,
    %y: memref<?x?x64xf32>, %workspace: memref<?xf32>) {
  // CHECK: kernel.attention %q, %k, %k rope(%cos, %sin) style(interleaved) k_gain(%gain) mask(sliding<32>) padding(%padding) bias(%bias) kv_length(%n) query_offset(%p) outs(%y, %workspace) {num_heads = 4 : i64, num_kv_heads = 1 : i64, head_dim = 16 : i64, scale = 2.500000e-01 : f64, softcap = 5.000000e+01 : f64, n_rot = 8 : i64} : memref<?x?x64xf32>, memref<?x?x16xf32>, memref<?x?x16xf32>, memref<?x?x64xf32>, memref<?xf32>
  kernel.attention %q, %k, %k rope(%cos, %sin) style(interleaved) k_gain(%gain) mask(sliding<32>) padding(%padding)
    bias(%bias) kv_length(%n) query_offset(%p) outs(%y, %workspace)
    {num_heads = 4, num_kv_heads = 1, head_dim = 16, scale = 0.25 : f64, softcap = 50.0 : f64, n_rot = 8}
    : memref<?x?x64xf32>, memref<?x?x16xf32>, memref<?x?x16xf32>, memref<?x?x64xf32>, memref<?xf32>
  func.return
}

// CHECK-LABEL: @call_on_tensors
func.func @call_on_tensors(%x: tensor<?x?x64xf32>, %n: index, %y: tensor<?x?x64xf32>) -> tensor<?x?x64xf32> {
  // CHECK: %z = kernel.call @layer(%x, %n) outs(%y) : (tensor<?x?x64xf32>, index), (tensor<?x?x64xf32>) -> tensor<?x?x64xf32>
  %z = kernel.call @layer(%x, %n) outs(%y) : (tensor<?x?x64xf32>, index), (tensor<?x?x64xf32>) -> tensor<?x?x64xf32>
  func.return %z : tensor<?x?x64xf32>
}

// CHECK-LABEL: @call_on_memrefs
func.func @call_on_memrefs(%x: memref<?x?x64xf32>, %y: memref<?x?x64xf32>, %workspace: memref<?xi8>) {
  // CHECK: kernel.call @layer(%x) outs(%y) workspace(%workspace) : (memref<?x?x64xf32>), (memref<?x?x64xf32>)
  kernel.call @layer(%x) outs(%y) workspace(%workspace) : (memref<?x?x64xf32>), (memref<?x?x64xf32>)
  func.return
}

// CHECK-LABEL: @experts
func.func @experts(%x: tensor<?x?x64xf32>, %g: tensor<?x?x8xf32>, %w: tensor<16x64x24xf32>, %d: tensor<24x20x24xf32>,
                   %y: tensor<?x?x64xf32>, %s: tensor<?xf32>) -> tensor<?x?x64xf32> {
  // CHECK: %z, %{{.*}} = kernel.moe %x, %g, %w, %d activation(silu) outs(%y, %s) {top_k = 2 : i64} : tensor<?x?x64xf32>, tensor<?x?x8xf32>, tensor<16x64x24xf32>, tensor<24x20x24xf32>, tensor<?x?x64xf32>, tensor<?xf32> -> tensor<?x?x64xf32>, tensor<?xf32>
  %z, %s2 = kernel.moe %x, %g, %w, %d activation(silu) outs(%y, %s) {top_k = 2}
    : tensor<?x?x64xf32>, tensor<?x?x8xf32>, tensor<16x64x24xf32>, tensor<24x20x24xf32>, tensor<?x?x64xf32>, tensor<?xf32>
    -> tensor<?x?x64xf32>, tensor<?xf32>
  func.return %z : tensor<?x?x64xf32>
}
