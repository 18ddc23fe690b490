// RUN: not rlxc opt %s -p convert-kernel-to-vector 2>&1 | filecheck %s

// Panels for a target with narrower vectors.
// CHECK: error: pass 'convert-kernel-to-vector' failed: the kernel takes memref<3x64x24xf32>, got memref<18x64x4xf32>: is it made for another target?
func.func @f(%x: memref<?x?x64xf32>, %num_threads: index {rlx.num_threads}, %w: memref<18x64x4xf32>, %y: memref<?x?x70xf32>,
             %workspace: memref<?xf32>, %thread: index {rlx.thread}, %barrier: memref<16xi64> {rlx.barrier}) attributes {rlx.kernels = "avx2"} {
  kernel.matmul %x, %w outs(%y, %workspace) : memref<?x?x64xf32>, memref<18x64x4xf32>, memref<?x?x70xf32>, memref<?xf32>
  func.return
}
