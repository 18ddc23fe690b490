// RUN: rlxc opt -p rlx-linalg-to-affine %s | filecheck %s
// RUN: rlxc opt -p rlx-linalg-to-affine %s | mlir-opt

// An input is loaded in the innermost loop that its indices depend on.
// CHECK-LABEL: func.func @row_by_row(%x: memref<?x8xf32>, %w: memref<8xf32>, %y: memref<?x8xf32>) {
// CHECK-NEXT:    %c0 = arith.constant 0 : index
// CHECK-NEXT:    %x_dim0 = memref.dim %x, %c0 : memref<?x8xf32>
// CHECK-NEXT:    affine.for %i = 0 to %x_dim0 {
// CHECK-NEXT:      affine.for %j = 0 to 8 {
// CHECK-NEXT:        %a = affine.load %x[%i, %j] : memref<?x8xf32>
// CHECK-NEXT:        %b = affine.load %w[%j] : memref<8xf32>
// CHECK-NEXT:        %p = arith.mulf %a, %b : f32
// CHECK-NEXT:        affine.store %p, %y[%i, %j] : memref<?x8xf32>
// CHECK-NEXT:      }
// CHECK-NEXT:    }
// CHECK-NEXT:    func.return
func.func @row_by_row(%x: memref<?x8xf32>, %w: memref<8xf32>, %y: memref<?x8xf32>) {
  linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (j)>, affine_map<(i, j) -> (i, j)>],
                  iterator_types = ["parallel", "parallel"]}
    ins(%x, %w : memref<?x8xf32>, memref<8xf32>) outs(%y : memref<?x8xf32>) {
    ^bb0(%a: f32, %b: f32, %old: f32):
      %p = arith.mulf %a, %b : f32
      linalg.yield %p : f32
  }
  func.return
}

// Innermost reductions carry their sum; it may be added up in any order.
// CHECK-LABEL: func.func @innermost_sum(%x: memref<4x8xf32>, %y: memref<4xf32>) {
// CHECK-NEXT:    affine.for %i = 0 to 4 {
// CHECK-NEXT:      %old = affine.load %y[%i] : memref<4xf32>
// CHECK-NEXT:      %{{.*}} = affine.for %j = 0 to 8 iter_args(%old_1 = %old) -> (f32) {
// CHECK-NEXT:        %a = affine.load %x[%i, %j] : memref<4x8xf32>
// CHECK-NEXT:        %p = arith.mulf %a, %a fastmath<contract> : f32
// CHECK-NEXT:        %s = arith.addf %old_1, %p fastmath<reassoc,contract> : f32
// CHECK-NEXT:        affine.yield %s : f32
// CHECK-NEXT:      }
// CHECK-NEXT:      affine.store %{{.*}}, %y[%i] : memref<4xf32>
// CHECK-NEXT:    }
// CHECK-NEXT:    func.return
func.func @innermost_sum(%x: memref<4x8xf32>, %y: memref<4xf32>) {
  linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i)>],
                  iterator_types = ["parallel", "reduction"]}
    ins(%x : memref<4x8xf32>) outs(%y : memref<4xf32>) {
    ^bb0(%a: f32, %old: f32):
      %p = arith.mulf %a, %a : f32
      %s = arith.addf %old, %p : f32
      linalg.yield %s : f32
  }
  func.return
}

// Outer ones add to memory, in their order.
// CHECK-LABEL: func.func @outer_sum(%x: memref<4x8xf32>, %y: memref<8xf32>) {
// CHECK-NEXT:    affine.for %i = 0 to 4 {
// CHECK-NEXT:      affine.for %j = 0 to 8 {
// CHECK-NEXT:        %a = affine.load %x[%i, %j] : memref<4x8xf32>
// CHECK-NEXT:        %old = affine.load %y[%j] : memref<8xf32>
// CHECK-NEXT:        %s = arith.addf %old, %a fastmath<contract> : f32
// CHECK-NEXT:        affine.store %s, %y[%j] : memref<8xf32>
// CHECK-NEXT:      }
// CHECK-NEXT:    }
// CHECK-NEXT:    func.return
func.func @outer_sum(%x: memref<4x8xf32>, %y: memref<8xf32>) {
  linalg.generic {indexing_maps = [affine_map<(j, i) -> (j, i)>, affine_map<(j, i) -> (i)>],
                  iterator_types = ["reduction", "parallel"]}
    ins(%x : memref<4x8xf32>) outs(%y : memref<8xf32>) {
    ^bb0(%a: f32, %old: f32):
      %s = arith.addf %old, %a : f32
      linalg.yield %s : f32
  }
  func.return
}

// A maximum is no sum: nothing is reordered.
// CHECK-LABEL: func.func @innermost_max(%x: memref<4x8xf32>, %y: memref<4xf32>) {
// CHECK-NEXT:    affine.for %i = 0 to 4 {
// CHECK-NEXT:      %old = affine.load %y[%i] : memref<4xf32>
// CHECK-NEXT:      %{{.*}} = affine.for %j = 0 to 8 iter_args(%old_1 = %old) -> (f32) {
// CHECK-NEXT:        %a = affine.load %x[%i, %j] : memref<4x8xf32>
// CHECK-NEXT:        %s = arith.maximumf %old_1, %a : f32
// CHECK-NEXT:        affine.yield %s : f32
// CHECK-NEXT:      }
// CHECK-NEXT:      affine.store %{{.*}}, %y[%i] : memref<4xf32>
// CHECK-NEXT:    }
// CHECK-NEXT:    func.return
func.func @innermost_max(%x: memref<4x8xf32>, %y: memref<4xf32>) {
  linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i)>],
                  iterator_types = ["parallel", "reduction"]}
    ins(%x : memref<4x8xf32>) outs(%y : memref<4xf32>) {
    ^bb0(%a: f32, %old: f32):
      %s = arith.maximumf %old, %a : f32
      linalg.yield %s : f32
  }
  func.return
}

// CHECK-LABEL: func.func @transposed(%x: memref<4x8xf32>, %y: memref<8x4xf32>) {
// CHECK-NEXT:    affine.for %i = 0 to 8 {
// CHECK-NEXT:      affine.for %j = 0 to 4 {
// CHECK-NEXT:        %a = affine.load %x[%j, %i] : memref<4x8xf32>
// CHECK-NEXT:        affine.store %a, %y[%i, %j] : memref<8x4xf32>
// CHECK-NEXT:      }
// CHECK-NEXT:    }
// CHECK-NEXT:    func.return
func.func @transposed(%x: memref<4x8xf32>, %y: memref<8x4xf32>) {
  linalg.generic {indexing_maps = [affine_map<(i, j) -> (j, i)>, affine_map<(i, j) -> (i, j)>],
                  iterator_types = ["parallel", "parallel"]}
    ins(%x : memref<4x8xf32>) outs(%y : memref<8x4xf32>) {
    ^bb0(%a: f32, %old: f32):
      linalg.yield %a : f32
  }
  func.return
}

// Indices of the loops, and a number for every element.
// CHECK-LABEL: func.func @positions(%n: f32, %y: memref<4x8xindex>, %z: memref<4xf32>) {
// CHECK-NEXT:    affine.for %i = 0 to 4 {
// CHECK-NEXT:      affine.for %j = 0 to 8 {
// CHECK-NEXT:        affine.store %j, %y[%i, %j] : memref<4x8xindex>
// CHECK-NEXT:      }
// CHECK-NEXT:    }
// CHECK-NEXT:    affine.for %i_1 = 0 to 4 {
// CHECK-NEXT:      affine.store %n, %z[%i_1] : memref<4xf32>
// CHECK-NEXT:    }
// CHECK-NEXT:    func.return
func.func @positions(%n: f32, %y: memref<4x8xindex>, %z: memref<4xf32>) {
  linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>], iterator_types = ["parallel", "parallel"]}
    outs(%y : memref<4x8xindex>) {
    ^bb0(%old: index):
      %j = linalg.index 1 : index
      linalg.yield %j : index
  }
  linalg.fill ins(%n : f32) outs(%z : memref<4xf32>)
  func.return
}

// A copy between views; a scalar is one element without loops.
// CHECK-LABEL: func.func @copies(%x: memref<4x8xf32>, %y: memref<4x2xf32>, %a: memref<f32>, %b: memref<f32>) {
// CHECK-NEXT:    %s = memref.subview %x[0, 3] [4, 2] [1, 1] : memref<4x8xf32> to memref<4x2xf32, strided<[8, 1], offset: 3>>
// CHECK-NEXT:    affine.for %i = 0 to 4 {
// CHECK-NEXT:      affine.for %j = 0 to 2 {
// CHECK-NEXT:        %{{.*}} = affine.load %s[%i, %j] : memref<4x2xf32, strided<[8, 1], offset: 3>>
// CHECK-NEXT:        affine.store %{{.*}}, %y[%i, %j] : memref<4x2xf32>
// CHECK-NEXT:      }
// CHECK-NEXT:    }
// CHECK-NEXT:    %{{.*}} = affine.load %a[] : memref<f32>
// CHECK-NEXT:    affine.store %{{.*}}, %b[] : memref<f32>
// CHECK-NEXT:    func.return
func.func @copies(%x: memref<4x8xf32>, %y: memref<4x2xf32>, %a: memref<f32>, %b: memref<f32>) {
  %s = memref.subview %x[0, 3] [4, 2] [1, 1] : memref<4x8xf32> to memref<4x2xf32, strided<[8, 1], offset: 3>>
  "memref.copy"(%s, %y) : (memref<4x2xf32, strided<[8, 1], offset: 3>>, memref<4x2xf32>) -> ()
  "memref.copy"(%a, %b) : (memref<f32>, memref<f32>) -> ()
  func.return
}

// A size that a loop computes is no bound for affine loops.
// CHECK-LABEL: func.func @block_of_rows(%x: memref<?x8xf32>, %n: index, %c: f32) {
// CHECK-NEXT:    %c0 = arith.constant 0 : index
// CHECK-NEXT:    %c4 = arith.constant 4 : index
// CHECK-NEXT:    %c8 = arith.constant 8 : index
// CHECK-NEXT:    %c1 = arith.constant 1 : index
// CHECK-NEXT:    scf.for %row = %c0 to %n step %c4 {
// CHECK-NEXT:      %left = arith.subi %n, %row : index
// CHECK-NEXT:      %rows = arith.minsi %left, %c4 : index
// CHECK-NEXT:      %s = memref.subview %x[%row, 0] [%rows, 8] [1, 1] : memref<?x8xf32> to memref<?x8xf32, strided<[8, 1], offset: ?>>
// CHECK-NEXT:      scf.for %i = %c0 to %rows step %c1 {
// CHECK-NEXT:        scf.for %j = %c0 to %c8 step %c1 {
// CHECK-NEXT:          memref.store %c, %s[%i, %j] : memref<?x8xf32, strided<[8, 1], offset: ?>>
// CHECK-NEXT:        }
// CHECK-NEXT:      }
// CHECK-NEXT:    }
// CHECK-NEXT:    func.return
func.func @block_of_rows(%x: memref<?x8xf32>, %n: index, %c: f32) {
  %c0 = arith.constant 0 : index
  %c4 = arith.constant 4 : index
  scf.for %row = %c0 to %n step %c4 {
    %left = arith.subi %n, %row : index
    %rows = arith.minsi %left, %c4 : index
    %s = memref.subview %x[%row, 0] [%rows, 8] [1, 1] : memref<?x8xf32> to memref<?x8xf32, strided<[8, 1], offset: ?>>
    linalg.fill ins(%c : f32) outs(%s : memref<?x8xf32, strided<[8, 1], offset: ?>>)
  }
  func.return
}
