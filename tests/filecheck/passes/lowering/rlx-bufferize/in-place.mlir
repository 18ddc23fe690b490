// RUN: rlxc opt -p 'rlx-bufferize{arena=false}' %s | filecheck %s
// RUN: rlxc opt -p 'rlx-bufferize{arena=false}' %s | mlir-opt

// What nobody needs any more is overwritten: no second buffer.
// CHECK-LABEL: func.func @last_use(%x: memref<4xf32>, %b: memref<4xf32>) attributes {llvm.emit_c_interface} {
// CHECK-NEXT:    linalg.generic {{.*}} ins(%x, %x : memref<4xf32>, memref<4xf32>) outs(%b : memref<4xf32>) {
// CHECK:         linalg.yield
// CHECK-NEXT:    }
// CHECK-NEXT:    linalg.generic {{.*}} ins(%b, %x : memref<4xf32>, memref<4xf32>) outs(%b : memref<4xf32>) {
// CHECK:         linalg.yield
// CHECK-NEXT:    }
// CHECK-NEXT:    func.return
func.func @last_use(%x: tensor<4xf32>) -> tensor<4xf32> {
  %e = tensor.empty() : tensor<4xf32>
  %a = linalg.add ins(%x, %x : tensor<4xf32>, tensor<4xf32>) outs(%e : tensor<4xf32>) -> tensor<4xf32>
  %f = tensor.empty() : tensor<4xf32>
  %b = linalg.mul ins(%a, %x : tensor<4xf32>, tensor<4xf32>) outs(%f : tensor<4xf32>) -> tensor<4xf32>
  func.return %b : tensor<4xf32>
}

// What is read later is not.
// CHECK-LABEL: func.func @used_later(%x: memref<4xf32>, %c: memref<4xf32>) {
// CHECK-NEXT:    linalg.generic {{.*}} ins(%x, %x : memref<4xf32>, memref<4xf32>) outs(%c : memref<4xf32>) {
// CHECK:         linalg.yield
// CHECK-NEXT:    }
// CHECK-NEXT:    %b = memref.alloc() : memref<4xf32>
// CHECK-NEXT:    linalg.generic {{.*}} ins(%c, %x : memref<4xf32>, memref<4xf32>) outs(%b : memref<4xf32>) {
// CHECK:         linalg.yield
// CHECK-NEXT:    }
// CHECK-NEXT:    linalg.generic {{.*}} ins(%c, %b : memref<4xf32>, memref<4xf32>) outs(%c : memref<4xf32>) {
// CHECK:         linalg.yield
// CHECK-NEXT:    }
// CHECK-NEXT:    memref.dealloc %b : memref<4xf32>
// CHECK-NEXT:    func.return
func.func @used_later(%x: tensor<4xf32>) -> tensor<4xf32> {
  %e = tensor.empty() : tensor<4xf32>
  %a = linalg.add ins(%x, %x : tensor<4xf32>, tensor<4xf32>) outs(%e : tensor<4xf32>) -> tensor<4xf32>
  %f = tensor.empty() : tensor<4xf32>
  %b = linalg.mul ins(%a, %x : tensor<4xf32>, tensor<4xf32>) outs(%f : tensor<4xf32>) -> tensor<4xf32>
  %c = linalg.sub ins(%a, %b : tensor<4xf32>, tensor<4xf32>) outs(%f : tensor<4xf32>) -> tensor<4xf32>
  func.return %c : tensor<4xf32>
}

// Nor what is read at other places than the one that is written.
// CHECK-LABEL: func.func @transposed(%x: memref<4x4xf32>, %b: memref<4x4xf32>) {
// CHECK-NEXT:    %a = memref.alloc() : memref<4x4xf32>
// CHECK-NEXT:    linalg.generic {{.*}} ins(%x, %x : memref<4x4xf32>, memref<4x4xf32>) outs(%a : memref<4x4xf32>) {
// CHECK:         linalg.yield
// CHECK-NEXT:    }
// CHECK-NEXT:    linalg.generic {{.*}} ins(%a : memref<4x4xf32>) outs(%b : memref<4x4xf32>) {
// CHECK:         linalg.yield
// CHECK-NEXT:    }
// CHECK-NEXT:    memref.dealloc %a : memref<4x4xf32>
// CHECK-NEXT:    func.return
func.func @transposed(%x: tensor<4x4xf32>) -> tensor<4x4xf32> {
  %e = tensor.empty() : tensor<4x4xf32>
  %a = linalg.add ins(%x, %x : tensor<4x4xf32>, tensor<4x4xf32>) outs(%e : tensor<4x4xf32>) -> tensor<4x4xf32>
  %f = tensor.empty() : tensor<4x4xf32>
  %b = linalg.transpose ins(%a : tensor<4x4xf32>) outs(%f : tensor<4x4xf32>) permutation = [1, 0]
  func.return %b : tensor<4x4xf32>
}

// A destination that is needed later is copied, without its contents if they are not read.
// CHECK-LABEL: func.func @destination(%x: memref<4xf32>, %c: f32, %a: memref<4xf32>, %b: memref<4xf32>) {
// CHECK-NEXT:    linalg.generic {{.*}} ins(%x, %x : memref<4xf32>, memref<4xf32>) outs(%a : memref<4xf32>) {
// CHECK:         linalg.yield
// CHECK-NEXT:    }
// CHECK-NEXT:    linalg.fill ins(%c : f32) outs(%b : memref<4xf32>)
// CHECK-NEXT:    func.return
func.func @destination(%x: tensor<4xf32>, %c: f32) -> (tensor<4xf32>, tensor<4xf32>) {
  %e = tensor.empty() : tensor<4xf32>
  %a = linalg.add ins(%x, %x : tensor<4xf32>, tensor<4xf32>) outs(%e : tensor<4xf32>) -> tensor<4xf32>
  %b = linalg.fill ins(%c : f32) outs(%a : tensor<4xf32>) -> tensor<4xf32>
  func.return %a, %b : tensor<4xf32>, tensor<4xf32>
}

// Arguments are the caller's.
// CHECK-LABEL: func.func @argument(%x: memref<4xf32>, %p: memref<2xf32>, %a: memref<4xf32>) {
// CHECK-NEXT:    "memref.copy"(%x, %a) : (memref<4xf32>, memref<4xf32>) -> ()
// CHECK-NEXT:    %{{.*}} = memref.subview %a[0] [2] [1] : memref<4xf32> to memref<2xf32, strided<[1]>>
// CHECK-NEXT:    "memref.copy"(%p, %{{.*}}) : (memref<2xf32>, memref<2xf32, strided<[1]>>) -> ()
// CHECK-NEXT:    func.return
func.func @argument(%x: tensor<4xf32>, %p: tensor<2xf32>) -> tensor<4xf32> {
  %a = tensor.insert_slice %p into %x[0] [2] [1] : tensor<2xf32> into tensor<4xf32>
  func.return %a : tensor<4xf32>
}

// Unless they are donated: held-results.mlir.

// Nor is a constant overwritten.
// CHECK-LABEL: func.func @constant(%p: memref<2xf32>, %a: memref<4xf32>) {
// CHECK-NEXT:    %x = memref.get_global @constant_0 : memref<4xf32>
// CHECK-NEXT:    "memref.copy"(%x, %a) : (memref<4xf32>, memref<4xf32>) -> ()
// CHECK-NEXT:    %{{.*}} = memref.subview %a[0] [2] [1] : memref<4xf32> to memref<2xf32, strided<[1]>>
// CHECK-NEXT:    "memref.copy"(%p, %{{.*}}) : (memref<2xf32>, memref<2xf32, strided<[1]>>) -> ()
// CHECK-NEXT:    func.return
func.func @constant(%p: tensor<2xf32>) -> tensor<4xf32> {
  %x = arith.constant dense<1.0> : tensor<4xf32>
  %a = tensor.insert_slice %p into %x[0] [2] [1] : tensor<2xf32> into tensor<4xf32>
  func.return %a : tensor<4xf32>
}
