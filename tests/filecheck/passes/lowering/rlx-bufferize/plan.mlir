// RUN: rlxc opt -p rlx-bufferize %s | filecheck %s
// RUN: rlxc opt -p rlx-bufferize %s | mlir-opt
// RUN: rlxc opt -p 'rlx-bufferize{print-plan=true}' %s -o %t 2>&1 | filecheck %s --check-prefix=PLAN

// The last buffer is alive with the first two only, so it starts where these end, and not behind the third.
// PLAN:       memory plan of @f: 3 buffers in max(256*B, 64*B + 4*B*T) bytes
// PLAN-NEXT:    from 0: 256*B bytes, of which at most 256*B are alive at once
// PLAN-NEXT:      offset   bytes   alive   buffer
// PLAN-NEXT:           0    64*B   4-10    a : memref<?x16xf32> ({{.*}}plan.mlir:34:3)
// PLAN-NEXT:           0   256*B   13-18   wide : memref<?x64xf32> ({{.*}}plan.mlir:45:3)
// PLAN-NEXT:    from 64*B: 4*B*T bytes, of which at most 4*B*T are alive at once
// PLAN-NEXT:      offset   bytes   alive   buffer
// PLAN-NEXT:           0   4*B*T   8-11    scores : memref<?x?xf32> ({{.*}}plan.mlir:36:3)
// CHECK-LABEL: func.func @f(
// CHECK:         %scores_offset = arith.muli %B, %c64 : index
// CHECK-NEXT:    %[[WIDE:.*]] = arith.muli %B, %c256 : index
// CHECK-NEXT:    %[[BT:.*]] = arith.muli %B, %T : index
// CHECK-NEXT:    %[[BYTES:.*]] = arith.muli %[[BT]], %c4 : index
// CHECK-NEXT:    %[[ADDED:.*]] = arith.addi %[[BYTES]], %c63 : index
// CHECK-NEXT:    %[[LINES:.*]] = arith.divui %[[ADDED]], %c64 : index
// CHECK-NEXT:    %[[ROUNDED:.*]] = arith.muli %[[LINES]], %c64 : index
// CHECK-NEXT:    %[[END:.*]] = arith.addi %scores_offset, %[[ROUNDED]] : index
// CHECK-NEXT:    %arena_bytes = arith.maxui %[[WIDE]], %[[END]] : index
// CHECK-NEXT:    %arena = memref.alloc(%arena_bytes) {alignment = 64 : i64} : memref<?xi8>
// CHECK-NEXT:    %a = memref.view %arena[%c0][%B] : memref<?xi8> to memref<?x16xf32>
// CHECK:         %scores = memref.view %arena[%scores_offset][%B, %T] : memref<?xi8> to memref<?x?xf32>
// CHECK:         %wide = memref.view %arena[%c0][%B] : memref<?xi8> to memref<?x64xf32>
// CHECK:         memref.dealloc %arena : memref<?xi8>
// CHECK-NEXT:    func.return
func.func @f(%x: tensor<?x16xf32>, %y: tensor<?xf32>) -> tensor<?x16xf32> {
  %c0 = arith.constant 0 : index
  %B = tensor.dim %x, %c0 : tensor<?x16xf32>
  %T = tensor.dim %y, %c0 : tensor<?xf32>
  %e = tensor.empty(%B) : tensor<?x16xf32>
  %a = linalg.add ins(%x, %x : tensor<?x16xf32>, tensor<?x16xf32>) outs(%e : tensor<?x16xf32>) -> tensor<?x16xf32>
  %f = tensor.empty(%B, %T) : tensor<?x?xf32>
  %scores = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, 0)>, affine_map<(i, j) -> (j)>, affine_map<(i, j) -> (i, j)>],
                            iterator_types = ["parallel", "parallel"]}
    ins(%a, %y : tensor<?x16xf32>, tensor<?xf32>) outs(%f : tensor<?x?xf32>) {
    ^bb0(%p: f32, %q: f32, %old: f32):
      %r = arith.mulf %p, %q : f32
      linalg.yield %r : f32
  } -> tensor<?x?xf32>
  %s = tensor.extract %scores[%c0, %c0] : tensor<?x?xf32>
  %g = tensor.empty(%B) : tensor<?x64xf32>
  %wide = linalg.fill ins(%s : f32) outs(%g : tensor<?x64xf32>) -> tensor<?x64xf32>
  %h = tensor.extract_slice %wide[0, 48] [%B, 16] [1, 1] : tensor<?x64xf32> to tensor<?x16xf32>
  %i = tensor.empty(%B) : tensor<?x16xf32>
  %b = linalg.add ins(%h, %h : tensor<?x16xf32>, tensor<?x16xf32>) outs(%i : tensor<?x16xf32>) -> tensor<?x16xf32>
  func.return %b : tensor<?x16xf32>
}

// A size that is read from memory is known too late for the arena.
// PLAN-NEXT:  memory plan of @apart: 1 buffer in 64 bytes
// PLAN:         allocated apart: b : memref<?xf32>
// CHECK-LABEL: func.func @apart(
// CHECK:         %size = memref.load %n[%c0] : memref<1xindex>
// CHECK-NEXT:    %b = memref.alloc(%size) : memref<?xf32>
// CHECK:         memref.dealloc %b : memref<?xf32>
// CHECK-NEXT:    memref.dealloc %arena : memref<?xi8>
func.func @apart(%n: tensor<1xindex>) -> tensor<4xf32> {
  %c0 = arith.constant 0 : index
  %s = arith.constant 1.0 : f32
  %e = tensor.empty() : tensor<4x4xf32>
  %a = linalg.fill ins(%s : f32) outs(%e : tensor<4x4xf32>) -> tensor<4x4xf32>
  %t = tensor.extract %a[%c0, %c0] : tensor<4x4xf32>
  %size = tensor.extract %n[%c0] : tensor<1xindex>
  %f = tensor.empty(%size) : tensor<?xf32>
  %b = linalg.fill ins(%t : f32) outs(%f : tensor<?xf32>) -> tensor<?xf32>
  %u = tensor.extract %b[%c0] : tensor<?xf32>
  %g = tensor.empty() : tensor<4xf32>
  %c = linalg.fill ins(%u : f32) outs(%g : tensor<4xf32>) -> tensor<4xf32>
  func.return %c : tensor<4xf32>
}

// Nothing to plan.
// PLAN-NOT:   memory plan
// CHECK-LABEL: func.func @none(
// CHECK-NEXT:    memref.copy
func.func @none(%x: tensor<4xf32>) -> tensor<4xf32> {
  func.return %x : tensor<4xf32>
}
