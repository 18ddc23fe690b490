// RUN: rlxc opt -p rlx-arena-to-arg --split-input-file %s | filecheck %s
// RUN: rlxc opt -p rlx-arena-to-arg --split-input-file %s | mlir-opt --split-input-file

// The size follows from an input, a result, a weight and a number.
// CHECK-LABEL: func.func @sizes(%x: memref<?x16xf32>, %n: index, %w: memref<16x4xf32> {rlx.keys = ["w"]}, %y: memref<?x?x4xf32>, %arena: memref<?xi8> {rlx.arena}) {
// CHECK-NEXT:    %c0 = arith.constant 0 : index
// CHECK-NEXT:    %B = memref.dim %x, %c0 : memref<?x16xf32>
// CHECK-NEXT:    %a = memref.view %arena[%c0][%B] : memref<?xi8> to memref<?x16xf32>
// CHECK-NEXT:    "memref.copy"(%x, %a) : (memref<?x16xf32>, memref<?x16xf32>) -> ()
// CHECK-NEXT:    func.return
func.func @sizes(%x: memref<?x16xf32>, %n: index, %w: memref<16x4xf32> {rlx.keys = ["w"]}, %y: memref<?x?x4xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %B = memref.dim %x, %c0 : memref<?x16xf32>
  %C = memref.dim %y, %c1 : memref<?x?x4xf32>
  %K = memref.dim %w, %c0 : memref<16x4xf32>
  %0 = arith.muli %B, %C : index
  %1 = arith.muli %0, %K : index
  %bytes = arith.addi %1, %n : index
  %arena = memref.alloc(%bytes) {alignment = 64 : i64} : memref<?xi8>
  %a = memref.view %arena[%c0][%B] : memref<?xi8> to memref<?x16xf32>
  "memref.copy"(%x, %a) : (memref<?x16xf32>, memref<?x16xf32>) -> ()
  memref.dealloc %arena : memref<?xi8>
  return
}

// CHECK-LABEL: func.func @sizes_prepare(%x: memref<?x16xf32>, %n: index) -> (i64, i64, i64, i64) {
// CHECK:         %b = arith.index_cast %B : index to i64
// CHECK-NEXT:    %c = arith.index_cast %n : index to i64
// CHECK-NEXT:    %[[C:.*]] = arith.index_cast %c : i64 to index
// CHECK-NEXT:    %[[K:.*]] = arith.constant 16 : index
// CHECK-NEXT:    %[[BC:.*]] = arith.muli %B, %[[C]] : index
// CHECK-NEXT:    %[[BCK:.*]] = arith.muli %[[BC]], %[[K]] : index
// CHECK-NEXT:    %bytes = arith.addi %[[BCK]], %n : index
// CHECK-NEXT:    %arena_bytes = arith.index_cast %bytes : index to i64
// CHECK-NEXT:    func.return %ok, %b, %c, %arena_bytes : i64, i64, i64, i64
func.func @sizes_prepare(%x: memref<?x16xf32>, %n: index) -> (i64, i64, i64) {
  %c0 = arith.constant 0 : index
  %ok = arith.constant 0 : i64
  %B = memref.dim %x, %c0 : memref<?x16xf32>
  %b = arith.index_cast %B : index to i64
  %c = arith.index_cast %n : index to i64
  return %ok, %b, %c : i64, i64, i64
}

// -----

// What else needs the size stays.
// CHECK-LABEL: func.func @shared(%y: memref<4xf32>, %arena: memref<?xi8> {rlx.arena})
// CHECK-NEXT:    %bytes = arith.constant 256 : index
// CHECK-NEXT:    %a = memref.view %arena[%bytes][] : memref<?xi8> to memref<4xf32>
func.func @shared(%y: memref<4xf32>) {
  %bytes = arith.constant 256 : index
  %arena = memref.alloc(%bytes) {alignment = 64 : i64} : memref<?xi8>
  %a = memref.view %arena[%bytes][] : memref<?xi8> to memref<4xf32>
  "memref.copy"(%a, %y) : (memref<4xf32>, memref<4xf32>) -> ()
  memref.dealloc %arena : memref<?xi8>
  return
}

// CHECK-LABEL: func.func @shared_prepare() -> (i64, i64)
func.func @shared_prepare() -> i64 {
  %ok = arith.constant 0 : i64
  return %ok : i64
}

// -----

// A size that is read from memory cannot be told before.
// CHECK-LABEL: func.func @read(%x: memref<4xindex>, %y: memref<4xf32>) {
// CHECK:         memref.alloc
// CHECK-LABEL: func.func @read_prepare(%x: memref<4xindex>) -> i64 {
func.func @read(%x: memref<4xindex>, %y: memref<4xf32>) {
  %c0 = arith.constant 0 : index
  %bytes = memref.load %x[%c0] : memref<4xindex>
  %arena = memref.alloc(%bytes) {alignment = 64 : i64} : memref<?xi8>
  %a = memref.view %arena[%c0][] : memref<?xi8> to memref<4xf32>
  "memref.copy"(%a, %y) : (memref<4xf32>, memref<4xf32>) -> ()
  memref.dealloc %arena : memref<?xi8>
  return
}

func.func @read_prepare(%x: memref<4xindex>) -> i64 {
  %ok = arith.constant 0 : i64
  return %ok : i64
}

// -----

// Bytes that are no arena: they are used as they are.
// CHECK-LABEL: func.func @bytes(%y: memref<?xi8>) {
// CHECK:         memref.alloc
func.func @bytes(%y: memref<?xi8>) {
  %c16 = arith.constant 16 : index
  %temporary = memref.alloc(%c16) : memref<?xi8>
  "memref.copy"(%temporary, %y) : (memref<?xi8>, memref<?xi8>) -> ()
  memref.dealloc %temporary : memref<?xi8>
  return
}

func.func @bytes_prepare() -> i64 {
  %ok = arith.constant 0 : i64
  return %ok : i64
}

// -----

// Without a prepare function there is nobody to tell the size.
// CHECK-LABEL: func.func @alone(%y: memref<4xf32>) {
// CHECK:         memref.alloc
func.func @alone(%y: memref<4xf32>) {
  %c0 = arith.constant 0 : index
  %c64 = arith.constant 64 : index
  %arena = memref.alloc(%c64) {alignment = 64 : i64} : memref<?xi8>
  %a = memref.view %arena[%c0][] : memref<?xi8> to memref<4xf32>
  memref.dealloc %arena : memref<?xi8>
  return
}
