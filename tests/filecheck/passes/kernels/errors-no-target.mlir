// RUN: not rlxc opt %s -p convert-kernel-to-vector 2>&1 | filecheck %s

// CHECK: error: pass 'convert-kernel-to-vector' failed: @f has no 'rlx.kernels': convert-rlx-to-kernel sets it
func.func @f(%x: memref<?x?x64xf32>, %num_threads: index {rlx.num_threads}, %w: memref<3x64x24xf32>, %y: memref<?x?x70xf32>,
             %workspace: memref<?xf32>, %thread: index {rlx.thread}, %barrier: memref<16xi64> {rlx.barrier}) {
  kernel.matmul %x, %w outs(%y, %workspace) : memref<?x?x64xf32>, memref<3x64x24xf32>, memref<?x?x70xf32>, memref<?xf32>
  func.return
}
