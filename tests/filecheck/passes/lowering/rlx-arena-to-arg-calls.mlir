// RUN: rlxc opt -p rlx-arena-to-arg %s | filecheck %s

// Sizes that have one name are equal: what calls need that pass different caches is computed once.
// CHECK-LABEL: func.func @model(%k: memref<?x4xf32> {rlx.dims = ["C"]}, %v: memref<?x4xf32> {rlx.dims = ["C"]}, %w: memref<?x4xf32> {rlx.dims = ["D"]}, %arena: memref<?xi8> {rlx.arena}) {
// CHECK:         %[[C:.*]] = memref.dim %k, %
// CHECK-NEXT:    %[[BYTES:.*]] = arith.muli %[[C]], %c64 : index
// CHECK-NEXT:    %[[D:.*]] = memref.dim %w, %
// CHECK-NEXT:    %[[OTHER:.*]] = arith.muli %[[D]], %c64 : index
// CHECK-NEXT:    %[[ROOM:.*]] = memref.view %arena[%{{.*}}][%[[BYTES]]] : memref<?xi8> to memref<?xi8>
// CHECK-NEXT:    kernel.call @layer(%k) outs() workspace(%[[ROOM]])
// CHECK-NEXT:    kernel.call @layer(%v) outs() workspace(%[[ROOM]])
// CHECK-NEXT:    %[[OTHER_ROOM:.*]] = memref.view %arena[%{{.*}}][%[[OTHER]]] : memref<?xi8> to memref<?xi8>
// CHECK-NEXT:    kernel.call @layer(%w) outs() workspace(%[[OTHER_ROOM]])
func.func @model(
  %k: memref<?x4xf32> {rlx.dims = ["C"]}, %v: memref<?x4xf32> {rlx.dims = ["C"]}, %w: memref<?x4xf32> {rlx.dims = ["D"]}
) {
  kernel.call @layer(%k) outs() : (memref<?x4xf32>), ()
  kernel.call @layer(%v) outs() : (memref<?x4xf32>), ()
  kernel.call @layer(%w) outs() : (memref<?x4xf32>), ()
  return
}

func.func @model_prepare(%k: memref<?x4xf32>, %v: memref<?x4xf32>, %w: memref<?x4xf32>) -> i64 {
  %ok = arith.constant 0 : i64
  return %ok : i64
}

func.func private @layer(%cache: memref<?x4xf32>) {
  %c0 = arith.constant 0 : index
  %c64 = arith.constant 64 : index
  %C = memref.dim %cache, %c0 : memref<?x4xf32>
  %bytes = arith.muli %C, %c64 : index
  %arena = memref.alloc(%bytes) {alignment = 64 : i64} : memref<?xi8>
  %a = memref.view %arena[%c0][%C] : memref<?xi8> to memref<?x4xf32>
  "memref.copy"(%cache, %a) : (memref<?x4xf32>, memref<?x4xf32>) -> ()
  memref.dealloc %arena : memref<?xi8>
  return
}
