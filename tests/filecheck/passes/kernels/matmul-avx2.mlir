// RUN: rlxc opt %s -p 'convert-kernel-to-vector,canonicalize,cse' | filecheck %s
// RUN: rlxc opt %s -p 'convert-kernel-to-vector,canonicalize,cse' | mlir-opt

func.func @projection(%x: memref<?x?x64xf32>, %num_threads: index {rlx.num_threads}, %w: memref<1x64x24xf32>, %b: memref<18xf32>, %y: memref<?x?x18xf32>,
                      %workspace: memref<?xf32>, %thread: index {rlx.thread}, %barrier: memref<16xi64> {rlx.barrier}) attributes {rlx.kernels = "avx2"} {
  kernel.matmul %x, %w bias(%b) activation(relu) outs(%y, %workspace) : memref<?x?x64xf32>, memref<1x64x24xf32>, memref<?x?x18xf32>, memref<?xf32>
  func.return
}

// Columns that do not fill a vector are masked.
// CHECK: func.func private @rlxc_matmul_bias_relu_24(
// CHECK:   %[[MASK:.*]] = vector.create_mask
// CHECK:   vector.maskedload %sums[%{{.*}}, %{{.*}}], %[[MASK]]
// CHECK:   vector.maskedload %bias[%{{.*}}], %[[MASK]]
// CHECK:   vector.maskedstore %y[%{{.*}}, %{{.*}}], %[[MASK]]

// A register tile has twelve vectors of sums: of four rows, or of one row for each of four panels.
// CHECK: func.func private @rlxc_matmul_tile_4x24({{.*}}) attributes {passthrough = ["noinline"]}
// CHECK: func.func private @rlxc_matmul_stream_1x4x24({{.*}}) attributes {passthrough = ["noinline"]}
