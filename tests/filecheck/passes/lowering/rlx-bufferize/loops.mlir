// RUN: rlxc opt -p 'rlx-bufferize{arena=false}' %s | filecheck %s
// RUN: rlxc opt -p 'rlx-bufferize{arena=false}' %s | mlir-opt

// What a loop carries lives in one buffer.
// CHECK-LABEL: func.func @carried(%x: memref<4xf32>, %n: index, %r: memref<4xf32>) attributes {llvm.emit_c_interface} {
// CHECK-NEXT:    %c0 = arith.constant 0 : index
// CHECK-NEXT:    %c1 = arith.constant 1 : index
// CHECK-NEXT:    linalg.generic {{.*}} ins(%x, %x : memref<4xf32>, memref<4xf32>) outs(%r : memref<4xf32>) {
// CHECK:         linalg.yield
// CHECK-NEXT:    }
// CHECK-NEXT:    scf.for %i = %c0 to %n step %c1 {
// CHECK-NEXT:      linalg.generic {{.*}} ins(%x, %x : memref<4xf32>, memref<4xf32>) outs(%r : memref<4xf32>) {
// CHECK:         linalg.yield
// CHECK-NEXT:    }
// CHECK-NEXT:    }
// CHECK-NEXT:    func.return
func.func @carried(%x: tensor<4xf32>, %n: index) -> tensor<4xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %e = tensor.empty() : tensor<4xf32>
  %a = linalg.add ins(%x, %x : tensor<4xf32>, tensor<4xf32>) outs(%e : tensor<4xf32>) -> tensor<4xf32>
  %r = scf.for %i = %c0 to %n step %c1 iter_args(%p = %a) -> (tensor<4xf32>) {
    %q = linalg.mul ins(%x, %x : tensor<4xf32>, tensor<4xf32>) outs(%p : tensor<4xf32>) -> tensor<4xf32>
    scf.yield %q : tensor<4xf32>
  }
  func.return %r : tensor<4xf32>
}

// Scalars stay carried.
// CHECK-LABEL: func.func @scalars(%x: memref<4xf32>, %n: index, %s: f32, %r: memref<4xf32>) -> f32 {
// CHECK-NEXT:    %c0 = arith.constant 0 : index
// CHECK-NEXT:    %c1 = arith.constant 1 : index
// CHECK-NEXT:    %t = scf.for %i = %c0 to %n step %c1 iter_args(%u = %s) -> (f32) {
// CHECK-NEXT:      %v = arith.addf %u, %u : f32
// CHECK-NEXT:      linalg.fill ins(%u : f32) outs(%r : memref<4xf32>)
// CHECK-NEXT:      scf.yield %v : f32
// CHECK-NEXT:    }
// CHECK-NEXT:    func.return %t : f32
func.func @scalars(%x: tensor<4xf32>, %n: index, %s: f32) -> (tensor<4xf32>, f32) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %e = tensor.empty() : tensor<4xf32>
  %r, %t = scf.for %i = %c0 to %n step %c1 iter_args(%p = %e, %u = %s) -> (tensor<4xf32>, f32) {
    %q = linalg.fill ins(%u : f32) outs(%p : tensor<4xf32>) -> tensor<4xf32>
    %v = arith.addf %u, %u : f32
    scf.yield %q, %v : tensor<4xf32>, f32
  }
  func.return %r, %t : tensor<4xf32>, f32
}

// Values that change places go around each other through a copy.
// CHECK-LABEL: func.func @swapped(%x: memref<4xf32> {rlx.donated, rlx.holds_result = 0 : i64}, %y: memref<4xf32> {rlx.donated, rlx.holds_result = 1 : i64}, %n: index) {
// CHECK-NEXT:    %c0 = arith.constant 0 : index
// CHECK-NEXT:    %c1 = arith.constant 1 : index
// CHECK-NEXT:    scf.for %i = %c0 to %n step %c1 {
// CHECK-NEXT:      %q = memref.alloc() : memref<4xf32>
// CHECK-NEXT:      "memref.copy"(%y, %q) : (memref<4xf32>, memref<4xf32>) -> ()
// CHECK-NEXT:      %p = memref.alloc() : memref<4xf32>
// CHECK-NEXT:      "memref.copy"(%x, %p) : (memref<4xf32>, memref<4xf32>) -> ()
// CHECK-NEXT:      "memref.copy"(%q, %x) : (memref<4xf32>, memref<4xf32>) -> ()
// CHECK-NEXT:      "memref.copy"(%p, %y) : (memref<4xf32>, memref<4xf32>) -> ()
// CHECK-NEXT:      memref.dealloc %q : memref<4xf32>
// CHECK-NEXT:      memref.dealloc %p : memref<4xf32>
// CHECK-NEXT:    }
// CHECK-NEXT:    func.return
func.func @swapped(%x: tensor<4xf32> {rlx.donated}, %y: tensor<4xf32> {rlx.donated}, %n: index) -> (tensor<4xf32>, tensor<4xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %r, %s = scf.for %i = %c0 to %n step %c1 iter_args(%p = %x, %q = %y) -> (tensor<4xf32>, tensor<4xf32>) {
    scf.yield %q, %p : tensor<4xf32>, tensor<4xf32>
  }
  func.return %r, %s : tensor<4xf32>, tensor<4xf32>
}

// What is used after the loop is not overwritten by it.
// CHECK-LABEL: func.func @initial_used_later(%x: memref<4xf32>, %n: index, %s: f32, %b: memref<4xf32>) {
// CHECK-NEXT:    %c0 = arith.constant 0 : index
// CHECK-NEXT:    %c1 = arith.constant 1 : index
// CHECK-NEXT:    %a = memref.alloc() : memref<4xf32>
// CHECK-NEXT:    linalg.generic {{.*}} ins(%x, %x : memref<4xf32>, memref<4xf32>) outs(%a : memref<4xf32>) {
// CHECK:         linalg.yield
// CHECK-NEXT:    }
// CHECK-NEXT:    "memref.copy"(%a, %b) : (memref<4xf32>, memref<4xf32>) -> ()
// CHECK-NEXT:    scf.for %i = %c0 to %n step %c1 {
// CHECK-NEXT:      linalg.fill ins(%s : f32) outs(%b : memref<4xf32>)
// CHECK-NEXT:    }
// CHECK-NEXT:    linalg.generic {{.*}} ins(%b, %a : memref<4xf32>, memref<4xf32>) outs(%b : memref<4xf32>) {
// CHECK:         linalg.yield
// CHECK-NEXT:    }
// CHECK-NEXT:    memref.dealloc %a : memref<4xf32>
// CHECK-NEXT:    func.return
func.func @initial_used_later(%x: tensor<4xf32>, %n: index, %s: f32) -> tensor<4xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %e = tensor.empty() : tensor<4xf32>
  %a = linalg.add ins(%x, %x : tensor<4xf32>, tensor<4xf32>) outs(%e : tensor<4xf32>) -> tensor<4xf32>
  %r = scf.for %i = %c0 to %n step %c1 iter_args(%p = %a) -> (tensor<4xf32>) {
    %q = linalg.fill ins(%s : f32) outs(%p : tensor<4xf32>) -> tensor<4xf32>
    scf.yield %q : tensor<4xf32>
  }
  %f = tensor.empty() : tensor<4xf32>
  %b = linalg.sub ins(%r, %a : tensor<4xf32>, tensor<4xf32>) outs(%f : tensor<4xf32>) -> tensor<4xf32>
  func.return %b : tensor<4xf32>
}

// Each iteration needs what the one before would have overwritten.
// CHECK-LABEL: func.func @read_in_each_iteration(%x: memref<4xf32>, %n: index, %part: memref<2xf32>, %r: memref<4xf32>) {
// CHECK-NEXT:    %c0 = arith.constant 0 : index
// CHECK-NEXT:    %c1 = arith.constant 1 : index
// CHECK-NEXT:    %a = memref.alloc() : memref<4xf32>
// CHECK-NEXT:    linalg.generic {{.*}} ins(%x, %x : memref<4xf32>, memref<4xf32>) outs(%a : memref<4xf32>) {
// CHECK:         linalg.yield
// CHECK-NEXT:    }
// CHECK-NEXT:    scf.for %i = %c0 to %n step %c1 {
// CHECK-NEXT:      %a_1 = memref.alloc() : memref<4xf32>
// CHECK-NEXT:      "memref.copy"(%a, %a_1) : (memref<4xf32>, memref<4xf32>) -> ()
// CHECK-NEXT:      %{{.*}} = memref.subview %a_1[0] [2] [1] : memref<4xf32> to memref<2xf32, strided<[1]>>
// CHECK-NEXT:      "memref.copy"(%part, %{{.*}}) : (memref<2xf32>, memref<2xf32, strided<[1]>>) -> ()
// CHECK-NEXT:      "memref.copy"(%a_1, %r) : (memref<4xf32>, memref<4xf32>) -> ()
// CHECK-NEXT:      memref.dealloc %a_1 : memref<4xf32>
// CHECK-NEXT:    }
// CHECK-NEXT:    memref.dealloc %a : memref<4xf32>
// CHECK-NEXT:    func.return
func.func @read_in_each_iteration(%x: tensor<4xf32>, %n: index, %part: tensor<2xf32>) -> tensor<4xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %e = tensor.empty() : tensor<4xf32>
  %a = linalg.add ins(%x, %x : tensor<4xf32>, tensor<4xf32>) outs(%e : tensor<4xf32>) -> tensor<4xf32>
  %f = tensor.empty() : tensor<4xf32>
  %r = scf.for %i = %c0 to %n step %c1 iter_args(%p = %f) -> (tensor<4xf32>) {
    %q = tensor.insert_slice %part into %a[0] [2] [1] : tensor<2xf32> into tensor<4xf32>
    scf.yield %q : tensor<4xf32>
  }
  func.return %r : tensor<4xf32>
}
