// RUN: rlxc opt -p rlx-share-work --split-input-file %s | filecheck %s

// What is in the arena at the same time does not overlap: both copies are one loop.
// CHECK-LABEL: func.func @apart(
// CHECK:         scf.for
// CHECK:           memref.store %{{.*}}, %a[
// CHECK-NOT:     rlxc_barrier
// CHECK:           memref.store %{{.*}}, %b[
// CHECK:         func.call @rlxc_barrier
// CHECK-NEXT:    kernel.matmul
func.func @apart(%x: memref<1x4x8xf32>, %num_threads: index {rlx.num_threads}, %w: memref<1x8x24xf32>,
                 %y: memref<1x4x8xf32>, %workspace: memref<?xf32>, %arena: memref<?xi8> {rlx.arena}) {
  %c0 = arith.constant 0 : index
  %c128 = arith.constant 128 : index
  %a = memref.view %arena[%c0][] : memref<?xi8> to memref<1x4x8xf32>
  %b = memref.view %arena[%c128][] : memref<?xi8> to memref<1x4x8xf32>
  "memref.copy"(%x, %a) : (memref<1x4x8xf32>, memref<1x4x8xf32>) -> ()
  "memref.copy"(%x, %b) : (memref<1x4x8xf32>, memref<1x4x8xf32>) -> ()
  kernel.matmul %a, %w residual(%b) outs(%y, %workspace)
    : memref<1x4x8xf32>, memref<1x8x24xf32>, memref<1x4x8xf32>, memref<?xf32>
  return
}

// -----

// All threads run a loop, and meet at the end of each iteration. A kernel shares its work itself.
// CHECK-LABEL: func.func @loop(
// CHECK:         scf.for
// CHECK:           memref.store %{{.*}}, %y
// CHECK:         func.call @rlxc_barrier
// CHECK-NEXT:    scf.for %i = %c0 to %n step %c1 {
// CHECK-NEXT:      kernel.matmul
// CHECK-NEXT:      func.call @rlxc_barrier
// CHECK:           scf.for %row
// CHECK:             memref.store %{{.*}}, %y
// CHECK:           func.call @rlxc_barrier
// CHECK-NEXT:    }
// CHECK-NEXT:    func.return
func.func @loop(%x: memref<1x4x8xf32>, %n: index, %num_threads: index {rlx.num_threads}, %w: memref<1x8x24xf32>,
                %y: memref<1x4x8xf32>, %z: memref<1x4x8xf32>, %workspace: memref<?xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  "memref.copy"(%x, %y) : (memref<1x4x8xf32>, memref<1x4x8xf32>) -> ()
  scf.for %i = %c0 to %n step %c1 {
    kernel.matmul %y, %w outs(%z, %workspace)
      : memref<1x4x8xf32>, memref<1x8x24xf32>, memref<1x4x8xf32>, memref<?xf32>
    "memref.copy"(%z, %y) : (memref<1x4x8xf32>, memref<1x4x8xf32>) -> ()
  }
  return
}

