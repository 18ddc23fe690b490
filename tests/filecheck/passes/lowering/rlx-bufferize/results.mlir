// RUN: rlxc opt -p 'rlx-bufferize{arena=false}' %s | filecheck %s
// RUN: rlxc opt -p 'rlx-bufferize{arena=false}' %s | mlir-opt

// A result is computed where the caller wants it, through reshapes.
// CHECK-LABEL: func.func @reshaped(%x: memref<?x4xf32>, %r: memref<?x2x2xf32>) attributes {llvm.emit_c_interface} {
// CHECK-NEXT:    %c0 = arith.constant 0 : index
// CHECK-NEXT:    %B = memref.dim %x, %c0 : memref<?x4xf32>
// CHECK-NEXT:    %e = memref.collapse_shape %r [[0 : i64], [1 : i64, 2 : i64]] : memref<?x2x2xf32> into memref<?x4xf32>
// CHECK-NEXT:    linalg.generic {{.*}} ins(%x, %x : memref<?x4xf32>, memref<?x4xf32>) outs(%e : memref<?x4xf32>) {
// CHECK:         linalg.yield
// CHECK-NEXT:    }
// CHECK-NEXT:    func.return
func.func @reshaped(%x: tensor<?x4xf32>) -> tensor<?x2x2xf32> {
  %c0 = arith.constant 0 : index
  %B = tensor.dim %x, %c0 : tensor<?x4xf32>
  %e = tensor.empty(%B) : tensor<?x4xf32>
  %a = linalg.add ins(%x, %x : tensor<?x4xf32>, tensor<?x4xf32>) outs(%e : tensor<?x4xf32>) -> tensor<?x4xf32>
  %r = tensor.expand_shape %a [[0], [1, 2]] output_shape [%B, 2, 2] : tensor<?x4xf32> into tensor<?x2x2xf32>
  func.return %r : tensor<?x2x2xf32>
}

// Arguments, slices, and what is returned twice, are copied.
// CHECK-LABEL: func.func @copied(%x: memref<4xf32>, %x_1: memref<4xf32>, %s: memref<2xf32>, %a: memref<4xf32>, %a_1: memref<4xf32>) {
// CHECK-NEXT:    %s_1 = memref.subview %x[1] [2] [1] : memref<4xf32> to memref<2xf32, strided<[1], offset: 1>>
// CHECK-NEXT:    linalg.generic {{.*}} ins(%x, %x : memref<4xf32>, memref<4xf32>) outs(%a : memref<4xf32>) {
// CHECK:         linalg.yield
// CHECK-NEXT:    }
// CHECK-NEXT:    "memref.copy"(%x, %x_1) : (memref<4xf32>, memref<4xf32>) -> ()
// CHECK-NEXT:    "memref.copy"(%s_1, %s) : (memref<2xf32, strided<[1], offset: 1>>, memref<2xf32>) -> ()
// CHECK-NEXT:    "memref.copy"(%a, %a_1) : (memref<4xf32>, memref<4xf32>) -> ()
// CHECK-NEXT:    func.return
func.func @copied(%x: tensor<4xf32>) -> (tensor<4xf32>, tensor<2xf32>, tensor<4xf32>, tensor<4xf32>) {
  %s = tensor.extract_slice %x[1] [2] [1] : tensor<4xf32> to tensor<2xf32>
  %e = tensor.empty() : tensor<4xf32>
  %a = linalg.add ins(%x, %x : tensor<4xf32>, tensor<4xf32>) outs(%e : tensor<4xf32>) -> tensor<4xf32>
  func.return %x, %s, %a, %a : tensor<4xf32>, tensor<2xf32>, tensor<4xf32>, tensor<4xf32>
}

// Scalars are returned; the attributes of arguments stay; the names of dimensions go to the results.
// CHECK-LABEL: func.func @attributes(%x: memref<?x4xf32> {rlx.name = "x", rlx.dims = ["B"]}, %n: index, %x_1: memref<?x4xf32> {rlx.dims = ["B"]}) -> index {
// CHECK-NEXT:    "memref.copy"(%x, %x_1) : (memref<?x4xf32>, memref<?x4xf32>) -> ()
// CHECK-NEXT:    func.return %n : index
func.func @attributes(%x: tensor<?x4xf32> {rlx.name = "x", rlx.dims = ["B"]}, %n: index) -> (tensor<?x4xf32>, index) {
  func.return %x, %n : tensor<?x4xf32>, index
}

// Only the entry function is called from C.
// CHECK-LABEL: func.func private @other(%x: memref<4xf32>, %x_1: memref<4xf32>) {
// CHECK-NEXT:    "memref.copy"(%x, %x_1) : (memref<4xf32>, memref<4xf32>) -> ()
// CHECK-NEXT:    func.return
func.func private @other(%x: tensor<4xf32>) -> tensor<4xf32> {
  func.return %x : tensor<4xf32>
}

