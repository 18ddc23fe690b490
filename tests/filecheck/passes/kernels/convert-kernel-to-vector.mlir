// RUN: rlxc opt %s -p 'convert-kernel-to-vector' --split-input-file | filecheck %s

// Rows of all batches are one list where memory allows it; two equal kernels share a function.
// CHECK-LABEL: @projections
func.func @projections(%x: memref<?x?x64xf32>, %num_threads: index {rlx.num_threads}, %w: memref<3x64x24xf32>, %y: memref<?x?x70xf32>,
                       %workspace: memref<?xf32>, %thread: index {rlx.thread}, %barrier: memref<16xi64> {rlx.barrier}) attributes {rlx.kernels = "avx2"} {
  // CHECK: %[[DENSE:.*]] = arith.cmpi eq, %{{.*}}, %{{.*}} : index
  // CHECK: %[[CALLS:.*]] = arith.select %{{.*}}, %{{.*}}, %{{.*}} : index
  // CHECK: scf.for %{{.*}} = %{{.*}} to %[[CALLS]] step
  // CHECK: func.call @[[MATMUL:.*]](%{{.*}}, %w, %{{.*}}, %workspace, %thread, %num_threads, %barrier)
  kernel.matmul %x, %w outs(%y, %workspace) : memref<?x?x64xf32>, memref<3x64x24xf32>, memref<?x?x70xf32>, memref<?xf32>
  // CHECK: func.call @[[MATMUL]](
  kernel.matmul %x, %w outs(%y, %workspace) : memref<?x?x64xf32>, memref<3x64x24xf32>, memref<?x?x70xf32>, memref<?xf32>
  func.return
}
// CHECK: func.func private @[[MATMUL]](
// CHECK-NOT: func.func private @[[MATMUL]](

// -----

// Keys that are values too are passed once.
// CHECK-LABEL: @attention
func.func @attention(%q: memref<?x?x64xf32>, %k: memref<?x?x16xf32>, %num_threads: index {rlx.num_threads}, %n: index, %p: index,
                     %y: memref<?x?x64xf32>, %workspace: memref<?xf32>, %thread: index {rlx.thread}, %barrier: memref<16xi64> {rlx.barrier}) attributes {rlx.kernels = "avx2"} {
  // CHECK: %[[Q:.*]] = "memref.cast"(%q)
  // CHECK: %[[K:.*]] = "memref.cast"(%k)
  // CHECK: func.call @rlxc_attention_4x1x16_{{.*}}(%[[Q]], %[[K]], %n, %p, %{{.*}}, %workspace, %thread, %num_threads, %barrier)
  kernel.attention %q, %k, %k mask(causal) kv_length(%n) query_offset(%p) outs(%y, %workspace)
    {num_heads = 4, num_kv_heads = 1, head_dim = 16, scale = 0.25 : f64}
    : memref<?x?x64xf32>, memref<?x?x16xf32>, memref<?x?x16xf32>, memref<?x?x64xf32>, memref<?xf32>
  func.return
}
