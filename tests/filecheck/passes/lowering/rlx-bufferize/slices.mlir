// RUN: rlxc opt -p 'rlx-bufferize{arena=false}' %s | filecheck %s
// RUN: rlxc opt -p 'rlx-bufferize{arena=false}' %s | mlir-opt

// CHECK-LABEL: func.func @views(%x: memref<4x6xf32>, %at: index, %a: memref<2x3xf32>) attributes {llvm.emit_c_interface} {
// CHECK-NEXT:    %s = memref.subview %x[%at, 0] [2, 3] [1, 2] : memref<4x6xf32> to memref<2x3xf32, strided<[6, 2], offset: ?>>
// CHECK-NEXT:    linalg.generic {{.*}} ins(%s, %s : memref<2x3xf32, strided<[6, 2], offset: ?>>, memref<2x3xf32, strided<[6, 2], offset: ?>>) outs(%a : memref<2x3xf32>) {
// CHECK:         linalg.yield
// CHECK-NEXT:    }
// CHECK-NEXT:    func.return
func.func @views(%x: tensor<4x6xf32>, %at: index) -> tensor<2x3xf32> {
  %s = tensor.extract_slice %x[%at, 0] [2, 3] [1, 2] : tensor<4x6xf32> to tensor<2x3xf32>
  %e = tensor.empty() : tensor<2x3xf32>
  %a = linalg.add ins(%s, %s : tensor<2x3xf32>, tensor<2x3xf32>) outs(%e : tensor<2x3xf32>) -> tensor<2x3xf32>
  func.return %a : tensor<2x3xf32>
}

// What is inserted is computed where it goes.
// CHECK-LABEL: func.func @direct(%x: memref<2xf32>, %r: memref<4xf32>) {
// CHECK-NEXT:    %a = memref.subview %r[2] [2] [1] : memref<4xf32> to memref<2xf32, strided<[1], offset: 2>>
// CHECK-NEXT:    linalg.generic {{.*}} ins(%x, %x : memref<2xf32>, memref<2xf32>) outs(%a : memref<2xf32, strided<[1], offset: 2>>) {
// CHECK:         linalg.yield
// CHECK-NEXT:    }
// CHECK-NEXT:    func.return
func.func @direct(%x: tensor<2xf32>) -> tensor<4xf32> {
  %to = tensor.empty() : tensor<4xf32>
  %e = tensor.empty() : tensor<2xf32>
  %a = linalg.add ins(%x, %x : tensor<2xf32>, tensor<2xf32>) outs(%e : tensor<2xf32>) -> tensor<2xf32>
  %r = tensor.insert_slice %a into %to[2] [2] [1] : tensor<2xf32> into tensor<4xf32>
  func.return %r : tensor<4xf32>
}

// Not if its place is read before.
// CHECK-LABEL: func.func @place_is_read(%x: memref<4xf32>, %y: memref<2xf32>, %r: memref<4xf32>) {
// CHECK-NEXT:    linalg.generic {{.*}} ins(%x, %x : memref<4xf32>, memref<4xf32>) outs(%r : memref<4xf32>) {
// CHECK:         linalg.yield
// CHECK-NEXT:    }
// CHECK-NEXT:    %old = memref.subview %r[2] [2] [1] : memref<4xf32> to memref<2xf32, strided<[1], offset: 2>>
// CHECK-NEXT:    %a = memref.alloc() : memref<2xf32>
// CHECK-NEXT:    linalg.generic {{.*}} ins(%y, %y : memref<2xf32>, memref<2xf32>) outs(%a : memref<2xf32>) {
// CHECK:         linalg.yield
// CHECK-NEXT:    }
// CHECK-NEXT:    linalg.generic {{.*}} ins(%a, %old : memref<2xf32>, memref<2xf32, strided<[1], offset: 2>>) outs(%a : memref<2xf32>) {
// CHECK:         linalg.yield
// CHECK-NEXT:    }
// CHECK-NEXT:    "memref.copy"(%a, %old) : (memref<2xf32>, memref<2xf32, strided<[1], offset: 2>>) -> ()
// CHECK-NEXT:    memref.dealloc %a : memref<2xf32>
// CHECK-NEXT:    func.return
func.func @place_is_read(%x: tensor<4xf32>, %y: tensor<2xf32>) -> tensor<4xf32> {
  %e = tensor.empty() : tensor<4xf32>
  %to = linalg.add ins(%x, %x : tensor<4xf32>, tensor<4xf32>) outs(%e : tensor<4xf32>) -> tensor<4xf32>
  %old = tensor.extract_slice %to[2] [2] [1] : tensor<4xf32> to tensor<2xf32>
  %f = tensor.empty() : tensor<2xf32>
  %a = linalg.add ins(%y, %y : tensor<2xf32>, tensor<2xf32>) outs(%f : tensor<2xf32>) -> tensor<2xf32>
  %g = tensor.empty() : tensor<2xf32>
  %b = linalg.mul ins(%a, %old : tensor<2xf32>, tensor<2xf32>) outs(%g : tensor<2xf32>) -> tensor<2xf32>
  %r = tensor.insert_slice %b into %to[2] [2] [1] : tensor<2xf32> into tensor<4xf32>
  func.return %r : tensor<4xf32>
}

// Nor if it is needed after its place is overwritten.
// CHECK-LABEL: func.func @used_later(%x: memref<2xf32>, %r: memref<4xf32>, %a: memref<2xf32>) {
// CHECK-NEXT:    linalg.generic {{.*}} ins(%x, %x : memref<2xf32>, memref<2xf32>) outs(%a : memref<2xf32>) {
// CHECK:         linalg.yield
// CHECK-NEXT:    }
// CHECK-NEXT:    %{{.*}} = memref.subview %r[2] [2] [1] : memref<4xf32> to memref<2xf32, strided<[1], offset: 2>>
// CHECK-NEXT:    "memref.copy"(%a, %{{.*}}) : (memref<2xf32>, memref<2xf32, strided<[1], offset: 2>>) -> ()
// CHECK-NEXT:    func.return
func.func @used_later(%x: tensor<2xf32>) -> (tensor<4xf32>, tensor<2xf32>) {
  %to = tensor.empty() : tensor<4xf32>
  %e = tensor.empty() : tensor<2xf32>
  %a = linalg.add ins(%x, %x : tensor<2xf32>, tensor<2xf32>) outs(%e : tensor<2xf32>) -> tensor<2xf32>
  %r = tensor.insert_slice %a into %to[2] [2] [1] : tensor<2xf32> into tensor<4xf32>
  func.return %r, %a : tensor<4xf32>, tensor<2xf32>
}

// A slice with gaps between its rows is copied before it is seen as one axis.
// CHECK-LABEL: func.func @collapsed_slice(%x: memref<4x6xf32>, %a: memref<8xf32>) {
// CHECK-NEXT:    %s = memref.subview %x[0, 0] [4, 2] [1, 1] : memref<4x6xf32> to memref<4x2xf32, strided<[6, 1]>>
// CHECK-NEXT:    %init = memref.expand_shape %a [[0 : i64, 1 : i64]] output_shape [4, 2] : memref<8xf32> into memref<4x2xf32>
// CHECK-NEXT:    "memref.copy"(%s, %init) : (memref<4x2xf32, strided<[6, 1]>>, memref<4x2xf32>) -> ()
// CHECK-NEXT:    %c = memref.collapse_shape %init [[0 : i64, 1 : i64]] : memref<4x2xf32> into memref<8xf32>
// CHECK-NEXT:    linalg.generic {{.*}} ins(%c, %c : memref<8xf32>, memref<8xf32>) outs(%c : memref<8xf32>) {
// CHECK:         linalg.yield
// CHECK-NEXT:    }
// CHECK-NEXT:    func.return
func.func @collapsed_slice(%x: tensor<4x6xf32>) -> tensor<8xf32> {
  %s = tensor.extract_slice %x[0, 0] [4, 2] [1, 1] : tensor<4x6xf32> to tensor<4x2xf32>
  %c = tensor.collapse_shape %s [[0, 1]] : tensor<4x2xf32> into tensor<8xf32>
  %e = tensor.empty() : tensor<8xf32>
  %a = linalg.add ins(%c, %c : tensor<8xf32>, tensor<8xf32>) outs(%e : tensor<8xf32>) -> tensor<8xf32>
  func.return %a : tensor<8xf32>
}

// CHECK-LABEL: func.func @concat(%x: memref<?x4xf32>, %y: memref<2x4xf32>, %r: memref<?x4xf32>) {
// CHECK-NEXT:    %c0 = arith.constant 0 : index
// CHECK-NEXT:    %x_dim0 = memref.dim %x, %c0 : memref<?x4xf32>
// CHECK-NEXT:    %c2 = arith.constant 2 : index
// CHECK-NEXT:    %{{.*}} = memref.subview %r[0, 0] [%x_dim0, 4] [1, 1] : memref<?x4xf32> to memref<?x4xf32, strided<[4, 1]>>
// CHECK-NEXT:    "memref.copy"(%x, %{{.*}}) : (memref<?x4xf32>, memref<?x4xf32, strided<[4, 1]>>) -> ()
// CHECK-NEXT:    %{{.*}} = memref.subview %r[%x_dim0, 0] [2, 4] [1, 1] : memref<?x4xf32> to memref<2x4xf32, strided<[4, 1], offset: ?>>
// CHECK-NEXT:    "memref.copy"(%y, %{{.*}}) : (memref<2x4xf32>, memref<2x4xf32, strided<[4, 1], offset: ?>>) -> ()
// CHECK-NEXT:    func.return
func.func @concat(%x: tensor<?x4xf32>, %y: tensor<2x4xf32>) -> tensor<?x4xf32> {
  %r = tensor.concat dim(0) %x, %y : (tensor<?x4xf32>, tensor<2x4xf32>) -> tensor<?x4xf32>
  func.return %r : tensor<?x4xf32>
}
