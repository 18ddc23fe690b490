// RUN: rlxc opt -p rlx-bufferize %s | filecheck %s
// RUN: rlxc opt -p rlx-bufferize %s | mlir-opt

// The size of a computed tensor is that of the argument that it comes from, and is there before any buffer.
// CHECK-LABEL: func.func @size_of_argument(%x: memref<?x4xf32>, %a: memref<?x4xf32>) -> index attributes {llvm.emit_c_interface} {
// CHECK-NEXT:    %c0 = arith.constant 0 : index
// CHECK-NEXT:    %c2 = arith.constant 2 : index
// CHECK-NEXT:    %B = memref.dim %x, %c0 : memref<?x4xf32>
// CHECK-NEXT:    %twice = arith.muli %B, %c2 : index
// CHECK-NEXT:    linalg.generic {{.*}} ins(%x, %x : memref<?x4xf32>, memref<?x4xf32>) outs(%a : memref<?x4xf32>) {
// CHECK:         linalg.yield
// CHECK-NEXT:    }
// CHECK-NEXT:    func.return %twice : index
func.func @size_of_argument(%x: tensor<?x4xf32>) -> (tensor<?x4xf32>, index) {
  %c0 = arith.constant 0 : index
  %c2 = arith.constant 2 : index
  %B = tensor.dim %x, %c0 : tensor<?x4xf32>
  %e = tensor.empty(%B) : tensor<?x4xf32>
  %a = linalg.add ins(%x, %x : tensor<?x4xf32>, tensor<?x4xf32>) outs(%e : tensor<?x4xf32>) -> tensor<?x4xf32>
  %A = tensor.dim %a, %c0 : tensor<?x4xf32>
  %twice = arith.muli %A, %c2 : index
  func.return %a, %twice : tensor<?x4xf32>, index
}

// A buffer that is made in each iteration is made once, as large as its size may get.
// CHECK-LABEL: func.func @block_of_rows(%x: memref<?xf32>, %n: index, %most: index, %r: memref<?xf32>) {
// CHECK-NEXT:    %c0 = arith.constant 0 : index
// CHECK-NEXT:    %c4 = arith.constant 4 : index
// CHECK-NEXT:    %c64 = arith.constant 64 : index
// CHECK-NEXT:    %c63 = arith.constant 63 : index
// CHECK-NEXT:    %{{.*}} = arith.muli %most, %c4 : index
// CHECK-NEXT:    %{{.*}} = arith.addi %{{.*}}, %c63 : index
// CHECK-NEXT:    %{{.*}} = arith.divui %{{.*}}, %c64 : index
// CHECK-NEXT:    %arena_bytes = arith.muli %{{.*}}, %c64 : index
// CHECK-NEXT:    %arena = memref.alloc(%arena_bytes) {alignment = 64 : i64} : memref<?xi8>
// CHECK-NEXT:    scf.for %row = %c0 to %n step %most {
// CHECK-NEXT:      %left = arith.subi %n, %row : index
// CHECK-NEXT:      %rows = arith.minsi %most, %left : index
// CHECK-NEXT:      %s = memref.subview %x[%row] [%rows] [1] : memref<?xf32> to memref<?xf32, strided<[1], offset: ?>>
// CHECK-NEXT:      %a = memref.view %arena[%c0][%rows] : memref<?xi8> to memref<?xf32>
// CHECK-NEXT:      linalg.generic {{.*}} ins(%s, %s : memref<?xf32, strided<[1], offset: ?>>, memref<?xf32, strided<[1], offset: ?>>) outs(%a : memref<?xf32>) {
// CHECK:         linalg.yield
// CHECK-NEXT:    }
// CHECK-NEXT:      %first = memref.load %a[%c0] : memref<?xf32>
// CHECK-NEXT:      linalg.fill ins(%first : f32) outs(%r : memref<?xf32>)
// CHECK-NEXT:    }
// CHECK-NEXT:    memref.dealloc %arena : memref<?xi8>
// CHECK-NEXT:    func.return
func.func @block_of_rows(%x: tensor<?xf32>, %n: index, %most: index) -> tensor<?xf32> {
  %c0 = arith.constant 0 : index
  %N = tensor.dim %x, %c0 : tensor<?xf32>
  %e = tensor.empty(%N) : tensor<?xf32>
  %r = scf.for %row = %c0 to %n step %most iter_args(%p = %e) -> (tensor<?xf32>) {
    %left = arith.subi %n, %row : index
    %rows = arith.minsi %most, %left : index
    %s = tensor.extract_slice %x[%row] [%rows] [1] : tensor<?xf32> to tensor<?xf32>
    %f = tensor.empty(%rows) : tensor<?xf32>
    %a = linalg.add ins(%s, %s : tensor<?xf32>, tensor<?xf32>) outs(%f : tensor<?xf32>) -> tensor<?xf32>
    %first = tensor.extract %a[%c0] : tensor<?xf32>
    %q = linalg.fill ins(%first : f32) outs(%p : tensor<?xf32>) -> tensor<?xf32>
    scf.yield %q : tensor<?xf32>
  }
  func.return %r : tensor<?xf32>
}

// Without a bound it keeps an allocation, in each iteration.
// CHECK-LABEL: func.func @no_bound(%x: memref<?xf32>, %n: index, %most: index, %r: memref<?xf32>) {
// CHECK-NEXT:    %c0 = arith.constant 0 : index
// CHECK-NEXT:    scf.for %row = %c0 to %n step %most {
// CHECK-NEXT:      %left = arith.subi %n, %row : index
// CHECK-NEXT:      %s = memref.subview %x[%row] [%left] [1] : memref<?xf32> to memref<?xf32, strided<[1], offset: ?>>
// CHECK-NEXT:      %a = memref.alloc(%left) : memref<?xf32>
// CHECK-NEXT:      linalg.generic {{.*}} ins(%s, %s : memref<?xf32, strided<[1], offset: ?>>, memref<?xf32, strided<[1], offset: ?>>) outs(%a : memref<?xf32>) {
// CHECK:         linalg.yield
// CHECK-NEXT:    }
// CHECK-NEXT:      %first = memref.load %a[%c0] : memref<?xf32>
// CHECK-NEXT:      linalg.fill ins(%first : f32) outs(%r : memref<?xf32>)
// CHECK-NEXT:      memref.dealloc %a : memref<?xf32>
// CHECK-NEXT:    }
// CHECK-NEXT:    func.return
func.func @no_bound(%x: tensor<?xf32>, %n: index, %most: index) -> tensor<?xf32> {
  %c0 = arith.constant 0 : index
  %N = tensor.dim %x, %c0 : tensor<?xf32>
  %e = tensor.empty(%N) : tensor<?xf32>
  %r = scf.for %row = %c0 to %n step %most iter_args(%p = %e) -> (tensor<?xf32>) {
    %left = arith.subi %n, %row : index
    %s = tensor.extract_slice %x[%row] [%left] [1] : tensor<?xf32> to tensor<?xf32>
    %f = tensor.empty(%left) : tensor<?xf32>
    %a = linalg.add ins(%s, %s : tensor<?xf32>, tensor<?xf32>) outs(%f : tensor<?xf32>) -> tensor<?xf32>
    %first = tensor.extract %a[%c0] : tensor<?xf32>
    %q = linalg.fill ins(%first : f32) outs(%p : tensor<?xf32>) -> tensor<?xf32>
    scf.yield %q : tensor<?xf32>
  }
  func.return %r : tensor<?xf32>
}

// The copy of an argument that a loop makes has a place in the arena: the size is read before.
// CHECK-LABEL: func.func @copy_of_argument(%y: memref<?x2xf32>, %n: index, %s: f32, %r: memref<?x2xf32>) {
// CHECK:         %y_dim0 = memref.dim %y, %c0 : memref<?x2xf32>
// CHECK:         %arena = memref.alloc(%arena_bytes) {alignment = 64 : i64} : memref<?xi8>
// CHECK-NEXT:    scf.for %i = %c0 to %n step %c1 {
// CHECK-NEXT:      %a = memref.view %arena[%c0][%y_dim0] : memref<?xi8> to memref<?x2xf32>
// CHECK-NEXT:      linalg.generic {{.*}} outs(%a : memref<?x2xf32>)
func.func @copy_of_argument(%y: tensor<?x2xf32>, %n: index, %s: f32) -> tensor<?x2xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %e = tensor.empty(%n) : tensor<?x2xf32>
  %r = scf.for %i = %c0 to %n step %c1 iter_args(%p = %e) -> (tensor<?x2xf32>) {
    %a = linalg.add ins(%p, %p : tensor<?x2xf32>, tensor<?x2xf32>) outs(%y : tensor<?x2xf32>) -> tensor<?x2xf32>
    %b = linalg.fill ins(%s : f32) outs(%a : tensor<?x2xf32>) -> tensor<?x2xf32>
    scf.yield %b : tensor<?x2xf32>
  }
  func.return %r : tensor<?x2xf32>
}
