// RUN: rlxc opt -p 'rlx-bufferize{arena=false}' %s | filecheck %s
// RUN: rlxc opt -p 'rlx-bufferize{arena=false}' %s | mlir-opt

// What a donated argument becomes stays in its memory, which the signature says: no copy, and no memory for the result.
// CHECK-LABEL: func.func @append(%cache: memref<8xf32> {rlx.name = "cache", rlx.donated, rlx.holds_result = 0 : i64}, %new: memref<2xf32>)
// CHECK-NEXT:    %{{.*}} = memref.subview %cache[3] [2] [1] : memref<8xf32> to memref<2xf32, strided<[1], offset: 3>>
// CHECK-NEXT:    "memref.copy"(%new, %{{.*}}) : (memref<2xf32>, memref<2xf32, strided<[1], offset: 3>>) -> ()
// CHECK-NEXT:    func.return
func.func @append(%cache: tensor<8xf32> {rlx.name = "cache", rlx.donated}, %new: tensor<2xf32>) -> tensor<8xf32> {
  %a = tensor.insert_slice %new into %cache[3] [2] [1] : tensor<2xf32> into tensor<8xf32>
  func.return %a : tensor<8xf32>
}

// Other results keep their arguments. The number is that of the result among all.
// CHECK-LABEL: func.func @several(%k: memref<8xf32> {rlx.donated, rlx.holds_result = 2 : i64}, %v: memref<8xf32> {rlx.donated, rlx.holds_result = 0 : i64}, %new: memref<2xf32>, %y: memref<2xf32>) {
// CHECK-NEXT:    linalg.generic {{.*}} ins(%new, %new : memref<2xf32>, memref<2xf32>) outs(%y : memref<2xf32>) {
// CHECK:         linalg.yield
// CHECK-NEXT:    }
// CHECK-NEXT:    %{{.*}} = memref.subview %v[0] [2] [1] : memref<8xf32> to memref<2xf32, strided<[1]>>
// CHECK-NEXT:    "memref.copy"(%new, %{{.*}}) : (memref<2xf32>, memref<2xf32, strided<[1]>>) -> ()
// CHECK-NEXT:    %{{.*}} = memref.subview %k[0] [2] [1] : memref<8xf32> to memref<2xf32, strided<[1]>>
// CHECK-NEXT:    "memref.copy"(%new, %{{.*}}) : (memref<2xf32>, memref<2xf32, strided<[1]>>) -> ()
// CHECK-NEXT:    func.return
func.func @several(%k: tensor<8xf32> {rlx.donated}, %v: tensor<8xf32> {rlx.donated}, %new: tensor<2xf32>)
    -> (tensor<8xf32>, tensor<2xf32>, tensor<8xf32>) {
  %e = tensor.empty() : tensor<2xf32>
  %y = linalg.add ins(%new, %new : tensor<2xf32>, tensor<2xf32>) outs(%e : tensor<2xf32>) -> tensor<2xf32>
  %values = tensor.insert_slice %new into %v[0] [2] [1] : tensor<2xf32> into tensor<8xf32>
  %keys = tensor.insert_slice %new into %k[0] [2] [1] : tensor<2xf32> into tensor<8xf32>
  func.return %values, %y, %keys : tensor<8xf32>, tensor<2xf32>, tensor<8xf32>
}

// An elementwise operation overwrites what is donated, too.
// CHECK-LABEL: func.func @elementwise(%x: memref<8xf32> {rlx.donated, rlx.holds_result = 0 : i64}, %y: memref<8xf32>) {
// CHECK-NEXT:    linalg.generic {{.*}} ins(%x, %y : memref<8xf32>, memref<8xf32>) outs(%x : memref<8xf32>) {
// CHECK:         linalg.yield
// CHECK-NEXT:    }
// CHECK-NEXT:    func.return
func.func @elementwise(%x: tensor<8xf32> {rlx.donated}, %y: tensor<8xf32>) -> tensor<8xf32> {
  %e = tensor.empty() : tensor<8xf32>
  %z = linalg.add ins(%x, %y : tensor<8xf32>, tensor<8xf32>) outs(%e : tensor<8xf32>) -> tensor<8xf32>
  func.return %z : tensor<8xf32>
}

// So does a loop.
// CHECK-LABEL: func.func @loop(%x: memref<8xf32> {rlx.donated, rlx.holds_result = 0 : i64}, %new: memref<1xf32>, %n: index) {
// CHECK-NEXT:    %c0 = arith.constant 0 : index
// CHECK-NEXT:    %c1 = arith.constant 1 : index
// CHECK-NEXT:    scf.for %i = %c0 to %n step %c1 {
// CHECK-NEXT:    %{{.*}} = memref.subview %x[%i] [1] [1] : memref<8xf32> to memref<1xf32, strided<[1], offset: ?>>
// CHECK-NEXT:    "memref.copy"(%new, %{{.*}}) : (memref<1xf32>, memref<1xf32, strided<[1], offset: ?>>) -> ()
// CHECK-NEXT:    }
// CHECK-NEXT:    func.return
func.func @loop(%x: tensor<8xf32> {rlx.donated}, %new: tensor<1xf32>, %n: index) -> tensor<8xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %r = scf.for %i = %c0 to %n step %c1 iter_args(%a = %x) -> (tensor<8xf32>) {
    %b = tensor.insert_slice %new into %a[%i] [1] [1] : tensor<1xf32> into tensor<8xf32>
    scf.yield %b : tensor<8xf32>
  }
  func.return %r : tensor<8xf32>
}

// What is not overwritten can be returned.
// CHECK-LABEL: func.func @unchanged(%x: memref<8xf32> {rlx.donated, rlx.holds_result = 0 : i64}) {
// CHECK-NEXT:    func.return
func.func @unchanged(%x: tensor<8xf32> {rlx.donated}) -> tensor<8xf32> {
  func.return %x : tensor<8xf32>
}

// The same result twice lies in two places.
// CHECK-LABEL: func.func @twice(%x: memref<8xf32> {rlx.donated, rlx.holds_result = 0 : i64}, %new: memref<2xf32>, %a: memref<8xf32>) {
// CHECK-NEXT:    %{{.*}} = memref.subview %x[0] [2] [1] : memref<8xf32> to memref<2xf32, strided<[1]>>
// CHECK-NEXT:    "memref.copy"(%new, %{{.*}}) : (memref<2xf32>, memref<2xf32, strided<[1]>>) -> ()
// CHECK-NEXT:    "memref.copy"(%x, %a) : (memref<8xf32>, memref<8xf32>) -> ()
// CHECK-NEXT:    func.return
func.func @twice(%x: tensor<8xf32> {rlx.donated}, %new: tensor<2xf32>) -> (tensor<8xf32>, tensor<8xf32>) {
  %a = tensor.insert_slice %new into %x[0] [2] [1] : tensor<2xf32> into tensor<8xf32>
  func.return %a, %a : tensor<8xf32>, tensor<8xf32>
}

// The old contents are returned: they keep the memory, and the new ones have their own.
// CHECK-LABEL: func.func @old_and_new(%x: memref<8xf32> {rlx.donated, rlx.holds_result = 1 : i64}, %new: memref<2xf32>, %a: memref<8xf32>) {
// CHECK-NEXT:    "memref.copy"(%x, %a) : (memref<8xf32>, memref<8xf32>) -> ()
// CHECK-NEXT:    %{{.*}} = memref.subview %a[0] [2] [1] : memref<8xf32> to memref<2xf32, strided<[1]>>
// CHECK-NEXT:    "memref.copy"(%new, %{{.*}}) : (memref<2xf32>, memref<2xf32, strided<[1]>>) -> ()
// CHECK-NEXT:    func.return
func.func @old_and_new(%x: tensor<8xf32> {rlx.donated}, %new: tensor<2xf32>) -> (tensor<8xf32>, tensor<8xf32>) {
  %a = tensor.insert_slice %new into %x[0] [2] [1] : tensor<2xf32> into tensor<8xf32>
  func.return %a, %x : tensor<8xf32>, tensor<8xf32>
}

// The old contents are read later: a copy is overwritten, in the memory of the result.
// CHECK-LABEL: func.func @read_later(%x: memref<8xf32> {rlx.donated, rlx.holds_result = 1 : i64}, %new: memref<2xf32>, %a: memref<8xf32>) {
// CHECK-NEXT:    "memref.copy"(%x, %a) : (memref<8xf32>, memref<8xf32>) -> ()
// CHECK-NEXT:    %{{.*}} = memref.subview %a[0] [2] [1] : memref<8xf32> to memref<2xf32, strided<[1]>>
// CHECK-NEXT:    "memref.copy"(%new, %{{.*}}) : (memref<2xf32>, memref<2xf32, strided<[1]>>) -> ()
// CHECK-NEXT:    linalg.generic {{.*}} ins(%x, %a : memref<8xf32>, memref<8xf32>) outs(%x : memref<8xf32>) {
// CHECK:         linalg.yield
// CHECK-NEXT:    }
// CHECK-NEXT:    func.return
func.func @read_later(%x: tensor<8xf32> {rlx.donated}, %new: tensor<2xf32>) -> (tensor<8xf32>, tensor<8xf32>) {
  %a = tensor.insert_slice %new into %x[0] [2] [1] : tensor<2xf32> into tensor<8xf32>
  %e = tensor.empty() : tensor<8xf32>
  %y = linalg.add ins(%x, %a : tensor<8xf32>, tensor<8xf32>) outs(%e : tensor<8xf32>) -> tensor<8xf32>
  func.return %a, %y : tensor<8xf32>, tensor<8xf32>
}

// A slice is not the memory of the argument.
// CHECK-LABEL: func.func @slice(%x: memref<8xf32> {rlx.donated}, %new: memref<2xf32>, %s: memref<4xf32>) {
// CHECK-NEXT:    %{{.*}} = memref.subview %x[0] [2] [1] : memref<8xf32> to memref<2xf32, strided<[1]>>
// CHECK-NEXT:    "memref.copy"(%new, %{{.*}}) : (memref<2xf32>, memref<2xf32, strided<[1]>>) -> ()
// CHECK-NEXT:    %s_1 = memref.subview %x[0] [4] [1] : memref<8xf32> to memref<4xf32, strided<[1]>>
// CHECK-NEXT:    "memref.copy"(%s_1, %s) : (memref<4xf32, strided<[1]>>, memref<4xf32>) -> ()
// CHECK-NEXT:    func.return
func.func @slice(%x: tensor<8xf32> {rlx.donated}, %new: tensor<2xf32>) -> tensor<4xf32> {
  %a = tensor.insert_slice %new into %x[0] [2] [1] : tensor<2xf32> into tensor<8xf32>
  %s = tensor.extract_slice %a[0] [4] [1] : tensor<8xf32> to tensor<4xf32>
  func.return %s : tensor<4xf32>
}

// What is not donated is the caller's.
// CHECK-LABEL: func.func @kept(%x: memref<8xf32>, %new: memref<2xf32>, %a: memref<8xf32>) {
// CHECK-NEXT:    "memref.copy"(%x, %a) : (memref<8xf32>, memref<8xf32>) -> ()
// CHECK-NEXT:    %{{.*}} = memref.subview %a[0] [2] [1] : memref<8xf32> to memref<2xf32, strided<[1]>>
// CHECK-NEXT:    "memref.copy"(%new, %{{.*}}) : (memref<2xf32>, memref<2xf32, strided<[1]>>) -> ()
// CHECK-NEXT:    func.return
func.func @kept(%x: tensor<8xf32>, %new: tensor<2xf32>) -> tensor<8xf32> {
  %a = tensor.insert_slice %new into %x[0] [2] [1] : tensor<2xf32> into tensor<8xf32>
  func.return %a : tensor<8xf32>
}
