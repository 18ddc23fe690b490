// RUN: not rlxc opt -p rlx-share-work --split-input-file %s 2>&1 | filecheck %s

// CHECK: error: pass 'rlx-share-work' failed: @alone has no argument for the number of threads, one with the attribute 'rlx.num_threads': run convert-rlx-to-kernel before rlx-share-work
func.func @alone(%x: memref<4xf32>, %y: memref<4xf32>) {
  "memref.copy"(%x, %y) : (memref<4xf32>, memref<4xf32>) -> ()
  return
}

// -----

// Each thread would have memory of its own.
// CHECK: error: pass 'rlx-share-work' failed: 'memref.alloc' cannot be run by each thread of a team: rlx-share-work takes what rlx-inline-calls, rlx-outline-checks, rlx-bufferize and rlx-arena-to-arg have left
func.func @temporary(%x: memref<4xf32>, %num_threads: index {rlx.num_threads}) {
  %t = memref.alloc() : memref<4xf32>
  "memref.copy"(%x, %t) : (memref<4xf32>, memref<4xf32>) -> ()
  return
}

// -----

// CHECK: error: pass 'rlx-share-work' failed: 'memref.store' cannot be run by each thread of a team
func.func @element(%x: memref<4xf32>, %e: f32, %num_threads: index {rlx.num_threads}) {
  %c0 = arith.constant 0 : index
  memref.store %e, %x[%c0] : memref<4xf32>
  return
}

// -----

// CHECK: error: pass 'rlx-share-work' failed: 'func.call' cannot be run by each thread of a team
func.func private @other(memref<4xf32>)
func.func @call(%x: memref<4xf32>, %num_threads: index {rlx.num_threads}) {
  func.call @other(%x) : (memref<4xf32>) -> ()
  return
}

// -----

// CHECK: error: pass 'rlx-share-work' failed: 'linalg.fill' on tensors has no loops: run rlx-bufferize first
func.func @tensors(%x: tensor<4xf32>, %e: f32, %num_threads: index {rlx.num_threads}) {
  %y = linalg.fill ins(%e : f32) outs(%x : tensor<4xf32>) -> tensor<4xf32>
  return
}

// -----

// CHECK: error: pass 'rlx-share-work' failed: rlx-share-work cannot tell which memory a memref from 'memref.reinterpret_cast' is: it takes views of arguments
func.func @anywhere(%x: memref<4xf32>, %e: f32, %num_threads: index {rlx.num_threads}) {
  %y = memref.reinterpret_cast %x to offset: [2], sizes: [2], strides: [1] : memref<4xf32> to memref<2xf32, strided<[1], offset: 2>>
  linalg.fill ins(%e : f32) outs(%y : memref<2xf32, strided<[1], offset: 2>>)
  return
}

// -----

// CHECK: error: pass 'rlx-share-work' failed: rlx-share-work cannot tell which memory a memref from a loop is: it takes views of arguments
func.func @carried(%x: memref<4xf32>, %y: memref<4xf32>, %n: index, %e: f32, %num_threads: index {rlx.num_threads}) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %u, %v = scf.for %i = %c0 to %n step %c1 iter_args(%a = %x, %b = %y) -> (memref<4xf32>, memref<4xf32>) {
    linalg.fill ins(%e : f32) outs(%a : memref<4xf32>)
    scf.yield %b, %a : memref<4xf32>, memref<4xf32>
  }
  return
}
