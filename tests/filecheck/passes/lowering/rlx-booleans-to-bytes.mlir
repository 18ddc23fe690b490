// RUN: rlxc opt -p rlx-booleans-to-bytes --split-input-file --verify-diagnostics %s | filecheck %s

// CHECK-LABEL: func.func @arguments(%pad: memref<?x?xi8> {rlx.name = "pad", rlx.element = i1}, %x: memref<4xf32>, %n: index, %flag: i1)
func.func @arguments(%pad: memref<?x?xi1> {rlx.name = "pad"}, %x: memref<4xf32>, %n: index, %flag: i1) {
  return
}

// CHECK: func.func private @declared(memref<?xi8>
func.func private @declared(memref<?xi1>)

// -----

// A loaded byte is true unless it is zero.
// CHECK-LABEL: func.func @load
func.func @load(%pad: memref<?x?xi1>, %i: index) -> i1 {
  // CHECK-NEXT: %[[BYTE:.*]] = affine.load %pad[%i, %i + 1] : memref<?x?xi8>
  // CHECK-NEXT: %[[ZERO:.*]] = arith.constant 0 : i8
  // CHECK-NEXT: %visible = arith.cmpi ne, %[[BYTE]], %[[ZERO]] : i8
  %visible = affine.load %pad[%i, %i + 1] : memref<?x?xi1>
  // CHECK-NEXT: %[[BYTE:.*]] = memref.load %pad[%i, %i] : memref<?x?xi8>
  // CHECK-NEXT: %[[ZERO:.*]] = arith.constant 0 : i8
  // CHECK-NEXT: %also = arith.cmpi ne, %[[BYTE]], %[[ZERO]] : i8
  %also = memref.load %pad[%i, %i] : memref<?x?xi1>
  // CHECK-NEXT: arith.andi %visible, %also : i1
  %both = arith.andi %visible, %also : i1
  return %both : i1
}

// -----

// CHECK-LABEL: func.func @store
func.func @store(%value: i1, %n: index) {
  // CHECK-NEXT: %kept = memref.alloc(%n) : memref<?xi8>
  %kept = memref.alloc(%n) : memref<?xi1>
  affine.for %i = 0 to %n {
    // CHECK: %[[BYTE:.*]] = arith.extui %value : i1 to i8
    // CHECK-NEXT: affine.store %[[BYTE]], %kept[%i] : memref<?xi8>
    affine.store %value, %kept[%i] : memref<?xi1>
    // CHECK-NEXT: %[[BYTE:.*]] = arith.extui %value : i1 to i8
    // CHECK-NEXT: memref.store %[[BYTE]], %kept[%i] : memref<?xi8>
    memref.store %value, %kept[%i] : memref<?xi1>
  }
  // CHECK: %some = memref.subview %kept[0] [4] [1] : memref<?xi8> to memref<4xi8, strided<[1]>>
  %some = memref.subview %kept[0] [4] [1] : memref<?xi1> to memref<4xi1, strided<[1]>>
  memref.dealloc %kept : memref<?xi1>
  return
}

// -----

// Numbers, and booleans that are not in memory, stay.
// CHECK-LABEL: func.func @others
func.func @others(%x: memref<?xf32>, %bytes: memref<?xi8>, %i: index, %flag: i1) -> f32 {
  // CHECK-NEXT: %a = memref.load %x[%i] : memref<?xf32>
  %a = memref.load %x[%i] : memref<?xf32>
  // CHECK-NEXT: %b = memref.load %bytes[%i] : memref<?xi8>
  %b = memref.load %bytes[%i] : memref<?xi8>
  // CHECK-NEXT: %c = arith.select %flag, %a, %a : f32
  %c = arith.select %flag, %a, %a : f32
  return %c : f32
}

// -----

// expected-error@unknown {{'linalg.fill' on an array of booleans: run rlx-linalg-to-affine first}}
func.func @structured(%out: memref<?xi1>) {
  %true = arith.constant true
  linalg.fill ins(%true : i1) outs(%out : memref<?xi1>)
  return
}
