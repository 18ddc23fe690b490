// RUN: rlxc opt -p 'convert-rlx-to-linalg{scores-limit=100}' %s | filecheck %s

// 2 batches, 2 heads and 8 keys make 32 scores for each query: 3 queries at a time.
// CHECK-LABEL: func.func @three_queries
// CHECK:         scf.for %row = %c0 to %c8 step %c3
// CHECK:           %rows = arith.minsi %c3, %{{.*}} : index
func.func @three_queries(%x: tensor<2x8x16xf32>) -> tensor<2x8x16xf32> {
  %o = rlx.attention %x, %x, %x {num_heads = 2, num_kv_heads = 2, head_dim = 8} : tensor<2x8x16xf32>, tensor<2x8x16xf32>
  func.return %o : tensor<2x8x16xf32>
}

// One query at a time is the least.
// CHECK-LABEL: func.func @one_query
// CHECK:         scf.for %row = %c0 to %c80 step %c1
func.func @one_query(%x: tensor<2x80x16xf32>) -> tensor<2x80x16xf32> {
  %o = rlx.attention %x, %x, %x {num_heads = 2, num_kv_heads = 2, head_dim = 8} : tensor<2x80x16xf32>, tensor<2x80x16xf32>
  func.return %o : tensor<2x80x16xf32>
}
