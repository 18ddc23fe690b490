// RUN: rlxc opt %s -p 'convert-kernel-to-vector,canonicalize,cse' | filecheck %s
// RUN: rlxc opt %s -p 'convert-kernel-to-vector,canonicalize,cse' | mlir-opt

func.func @projection(%x: memref<?x?x64xf32>, %num_threads: index {rlx.num_threads}, %w: memref<5x64x4xf32>, %b: memref<18xf32>, %y: memref<?x?x18xf32>,
                      %workspace: memref<?xf32>, %thread: index {rlx.thread}, %barrier: memref<16xi64> {rlx.barrier}) attributes {rlx.kernels = "scalar"} {
  kernel.matmul %x, %w bias(%b) activation(relu) outs(%y, %workspace) : memref<?x?x64xf32>, memref<5x64x4xf32>, memref<?x?x18xf32>, memref<?xf32>
  func.return
}

// One row is multiplied with several panels at once; more are packed, and after a barrier multiplied tile by tile.
// CHECK-LABEL: func.func private @rlxc_matmul_64x18_bias_relu(
// CHECK:         %rows = memref.dim %x, %c0
// CHECK:         arith.cmpi eq, %rows, %c1
// CHECK:         scf.if
// CHECK:           memref.reinterpret_cast %{{.*}} : memref<f32> to memref<?x1xf32, strided<[1, ?], offset: ?>>
// CHECK:           func.call @rlxc_matmul_stream_1x2x4(
// CHECK:           func.call @rlxc_matmul_bias_relu_4(
// CHECK:         } else {
// CHECK:           func.call @rlxc_matmul_pack_2(
// CHECK:           func.call @rlxc_barrier(%barrier, %num_threads)
// CHECK:           func.call @rlxc_matmul_tile_4(
// CHECK:           func.call @rlxc_matmul_bias_relu_4(

// What is added to the sums of a tile before they become results.
// CHECK-LABEL: func.func private @rlxc_matmul_bias_relu_4(
// CHECK:         %[[SUMS:.*]] = vector.load %sums
// CHECK-NEXT:    %[[BIAS:.*]] = vector.load %bias
// CHECK-NEXT:    %[[SUM:.*]] = arith.addf %[[SUMS]], %[[BIAS]]
// CHECK-NEXT:    %[[RESULT:.*]] = arith.maximumf %[[SUM]],
// CHECK-NEXT:    vector.store %[[RESULT]], %y

// The micro-kernel: a row of packed x and a row of a panel in each step, four sums in registers.
// CHECK-LABEL: func.func private @rlxc_matmul_tile_1x4(
// CHECK:         scf.for %[[CHAIN:.*]] = %{{.*}} to %depth
// CHECK:         %[[END:.*]] = arith.minsi %{{.*}}, %depth
// CHECK:         scf.for %[[K:.*]] = %[[CHAIN]] to %[[END]] step %{{.*}} iter_args(%[[A0:.*]] = %{{.*}}, %[[A1:.*]] = %{{.*}}, %[[A2:.*]] = %{{.*}}, %[[A3:.*]] = %{{.*}})
// CHECK:           llvm.call_intrinsic "llvm.prefetch"
// CHECK-NEXT:      %[[X:.*]] = memref.load %x[%[[K]], %{{.*}}]
// CHECK-NEXT:      %[[V:.*]] = vector.broadcast %[[X]] : f32 to vector<1xf32>
// CHECK-NEXT:      %[[W0:.*]] = vector.load %panel[%[[K]], %{{.*}}]
// CHECK-NEXT:      %[[S0:.*]] = vector.fma %[[V]], %[[W0]], %[[A0]]
// CHECK-NEXT:      %[[W1:.*]] = vector.load %panel[%[[K]], %{{.*}}]
// CHECK-NEXT:      %[[S1:.*]] = vector.fma %[[V]], %[[W1]], %[[A1]]
// CHECK-NEXT:      %[[W2:.*]] = vector.load %panel[%[[K]], %{{.*}}]
// CHECK-NEXT:      %[[S2:.*]] = vector.fma %[[V]], %[[W2]], %[[A2]]
// CHECK-NEXT:      %[[W3:.*]] = vector.load %panel[%[[K]], %{{.*}}]
// CHECK-NEXT:      %[[S3:.*]] = vector.fma %[[V]], %[[W3]], %[[A3]]
// CHECK-NEXT:      scf.yield %[[S0]], %[[S1]], %[[S2]], %[[S3]]
// CHECK:         %[[STARTS:.*]] = arith.cmpi eq, %[[CHAIN]], %{{.*}}
// CHECK-NEXT:    %[[NEW:.*]] = arith.andi %[[STARTS]], %first
// CHECK-NEXT:    scf.if %[[NEW]]
// CHECK:           vector.store
// CHECK:         } else {
// CHECK:           vector.load %sums
// CHECK-NEXT:      arith.addf
