// RUN: rlxc opt -p rlx-share-work --split-input-file %s | filecheck %s
// RUN: rlxc opt -p rlx-share-work --split-input-file %s | mlir-opt --split-input-file

#row = affine_map<(i, j) -> (i)>
#all = affine_map<(i, j) -> (i, j)>

// The sum of a row, and the row divided by it: one loop, and one barrier, at the end.
// CHECK-LABEL: func.func @normalize(%x: memref<?x8xf32>, %num_threads: index {rlx.num_threads}, %y: memref<?x8xf32>, %arena: memref<?xi8> {rlx.arena}, %thread: index {rlx.thread}, %barrier: memref<16xi64> {rlx.barrier}) {
// CHECK:         %[[BEFORE:.*]] = arith.muli %thread, %B : index
// CHECK-NEXT:    %first_row = arith.divui %[[BEFORE]], %num_threads : index
// CHECK-NEXT:    %[[NEXT:.*]] = arith.addi %thread, %c1 : index
// CHECK-NEXT:    %[[BEHIND:.*]] = arith.muli %[[NEXT]], %B : index
// CHECK-NEXT:    %end_row = arith.divui %[[BEHIND]], %num_threads : index
// CHECK-NEXT:    scf.for %row = %first_row to %end_row step %c1 {
// CHECK-NEXT:      memref.store %zero, %sums[%row] : memref<?xf32>
// CHECK-NEXT:      %acc = memref.load %sums[%row] : memref<?xf32>
// CHECK-NEXT:      %[[SUM:.*]] = scf.for %j = %c0 to %c8 step %c1 iter_args(%[[CARRIED:.*]] = %acc) -> (f32) {
// CHECK-NEXT:        %[[ELEMENT:.*]] = memref.load %x[%row, %j] : memref<?x8xf32>
// CHECK-NEXT:        %[[ADDED:.*]] = arith.addf %[[CARRIED]], %[[ELEMENT]] fastmath<reassoc,contract> : f32
// CHECK-NEXT:        scf.yield %[[ADDED]] : f32
// CHECK-NEXT:      }
// CHECK-NEXT:      memref.store %[[SUM]], %sums[%row] : memref<?xf32>
// CHECK-NEXT:      %s = memref.load %sums[%row] : memref<?xf32>
// CHECK-NEXT:      scf.for %[[J:.*]] = %c0 to %c8 step %c1 {
// CHECK-NEXT:        %[[A:.*]] = memref.load %x[%row, %[[J]]] : memref<?x8xf32>
// CHECK-NEXT:        %[[Q:.*]] = arith.divf %[[A]], %s : f32
// CHECK-NEXT:        memref.store %[[Q]], %y[%row, %[[J]]] : memref<?x8xf32>
// CHECK-NEXT:      }
// CHECK-NEXT:    }
// CHECK-NEXT:    func.call @rlxc_barrier(%barrier, %num_threads) : (memref<16xi64>, index) -> ()
// CHECK-NEXT:    func.return
// CHECK:       func.func private @rlxc_barrier(%barrier: memref<16xi64>, %num_threads: index) {
// CHECK:       func.func private @sched_yield() -> i32
func.func @normalize(%x: memref<?x8xf32>, %num_threads: index {rlx.num_threads}, %y: memref<?x8xf32>,
                     %arena: memref<?xi8> {rlx.arena}) {
  %c0 = arith.constant 0 : index
  %zero = arith.constant 0.0 : f32
  %B = memref.dim %x, %c0 : memref<?x8xf32>
  %sums = memref.view %arena[%c0][%B] : memref<?xi8> to memref<?xf32>
  linalg.fill ins(%zero : f32) outs(%sums : memref<?xf32>)
  linalg.generic {indexing_maps = [#all, #row], iterator_types = ["parallel", "reduction"]}
      ins(%x : memref<?x8xf32>) outs(%sums : memref<?xf32>) {
    ^bb0(%a: f32, %acc: f32):
      %0 = arith.addf %acc, %a : f32
      linalg.yield %0 : f32
  }
  linalg.generic {indexing_maps = [#all, #row, #all], iterator_types = ["parallel", "parallel"]}
      ins(%x, %sums : memref<?x8xf32>, memref<?xf32>) outs(%y : memref<?x8xf32>) {
    ^bb0(%a: f32, %s: f32, %out: f32):
      %0 = arith.divf %a, %s : f32
      linalg.yield %0 : f32
  }
  return
}

// -----

// A copy is shared by rows, or by columns if there are fewer rows than threads.
// CHECK-LABEL: func.func @copy(
// CHECK:         %[[FEW:.*]] = arith.cmpi sgt, %num_threads, %c5 : index
// CHECK:         %first_row = arith.select %[[FEW]], %c0, %{{.*}} : index
// CHECK:         %end_row = arith.select %[[FEW]], %c5, %{{.*}} : index
// CHECK:         %first_column = arith.select %[[FEW]], %{{.*}}, %c0 : index
// CHECK:         %end_column = arith.select %[[FEW]], %{{.*}}, %c7 : index
// CHECK-NEXT:    scf.for %row = %first_row to %end_row step %c1 {
// CHECK-NEXT:      scf.for %{{.*}} = %first_column to %end_column step %c1 {
func.func @copy(%x: memref<5x7xf32>, %num_threads: index {rlx.num_threads}, %y: memref<5x7xf32>) {
  "memref.copy"(%x, %y) : (memref<5x7xf32>, memref<5x7xf32>) -> ()
  return
}

// -----

// Rows of two axes are counted through. A vector is shared by elements. A single element is the work of one thread.
// CHECK-LABEL: func.func @ranks(
// CHECK:         %[[ROWS:.*]] = arith.constant 6 : index
// CHECK:         scf.for %row = %first_row to %end_row step %c1 {
// CHECK-NEXT:      %[[THREE:.*]] = arith.constant 3 : index
// CHECK-NEXT:      %[[OUTER:.*]] = arith.divui %row, %[[THREE]] : index
// CHECK:           %[[INNER:.*]] = arith.subi %row, %{{.*}} : index
// CHECK-NEXT:      scf.for %[[K:.*]] = %first_column to %end_column step %c1 {
// CHECK-NEXT:        memref.store %zero, %a[%[[OUTER]], %[[INNER]], %[[K]]] : memref<2x3x4xf32>
// CHECK:         scf.for %[[ROW:.*]] = %{{.*}} to %{{.*}} step %c1 {
// CHECK-NEXT:      memref.store %zero, %b[%[[ROW]]] : memref<9xf32>
// CHECK:         scf.for %{{.*}} = %{{.*}} to %{{.*}} step %c1 {
// CHECK-NEXT:      memref.store %zero, %c[] : memref<f32>
// CHECK-NEXT:    }
// CHECK-NEXT:    func.call @rlxc_barrier
func.func @ranks(%num_threads: index {rlx.num_threads}, %a: memref<2x3x4xf32>, %b: memref<9xf32>, %c: memref<f32>) {
  %zero = arith.constant 0.0 : f32
  linalg.fill ins(%zero : f32) outs(%a : memref<2x3x4xf32>)
  linalg.fill ins(%zero : f32) outs(%b : memref<9xf32>)
  linalg.fill ins(%zero : f32) outs(%c : memref<f32>)
  return
}

// -----

#all = affine_map<(i, j) -> (i, j)>
#backwards = affine_map<(i, j) -> (3 - i, j)>

// Rows that need other rows: the threads wait for each other between two loops.
// CHECK-LABEL: func.func @other_rows(
// CHECK:         scf.for
// CHECK:           memref.store %{{.*}}, %y
// CHECK:         func.call @rlxc_barrier
// CHECK:         scf.for
// CHECK:           affine.apply affine_map<(d0) -> (((d0 * -1) + 3))>
// CHECK:           memref.store %{{.*}}, %z
// CHECK:         func.call @rlxc_barrier
// CHECK-NOT:     rlxc_barrier
// CHECK:         func.return
func.func @other_rows(%x: memref<4x8xf32>, %num_threads: index {rlx.num_threads}, %y: memref<4x8xf32>,
                      %z: memref<4x8xf32>) {
  "memref.copy"(%x, %y) : (memref<4x8xf32>, memref<4x8xf32>) -> ()
  linalg.generic {indexing_maps = [#backwards, #all], iterator_types = ["parallel", "parallel"]}
      ins(%y : memref<4x8xf32>) outs(%z : memref<4x8xf32>) {
    ^bb0(%a: f32, %out: f32):
      linalg.yield %a : f32
  }
  return
}

// -----

#all = affine_map<(i, j) -> (i, j)>
#other_column = affine_map<(i, j) -> (i, 7 - j)>

// Other columns of the same row are no obstacle, but then columns cannot be shared.
// CHECK-LABEL: func.func @other_columns(
// CHECK-NOT:     arith.select
// CHECK:         scf.for %row
// CHECK:           scf.for %[[J:.*]] = %c0 to %c8 step %c1 {
// CHECK:             memref.store %{{.*}}, %y[%row, %[[J]]]
// CHECK:           scf.for %[[K:.*]] = %c0 to %c8 step %c1 {
// CHECK:             memref.store %{{.*}}, %z[%row, %[[K]]]
// CHECK:         func.call @rlxc_barrier
// CHECK-NEXT:    func.return
func.func @other_columns(%x: memref<4x8xf32>, %num_threads: index {rlx.num_threads}, %y: memref<4x8xf32>,
                         %z: memref<4x8xf32>) {
  "memref.copy"(%x, %y) : (memref<4x8xf32>, memref<4x8xf32>) -> ()
  linalg.generic {indexing_maps = [#other_column, #all], iterator_types = ["parallel", "parallel"]}
      ins(%y : memref<4x8xf32>) outs(%z : memref<4x8xf32>) {
    ^bb0(%a: f32, %out: f32):
      linalg.yield %a : f32
  }
  return
}

// -----

// Slices that begin at other rows have other rows.
// CHECK-LABEL: func.func @shifted(
// CHECK:         scf.for
// CHECK:         func.call @rlxc_barrier
// CHECK:         scf.for
// CHECK:         func.call @rlxc_barrier
// CHECK-NEXT:    func.return
func.func @shifted(%x: memref<4x8xf32>, %num_threads: index {rlx.num_threads}, %y: memref<5x8xf32>,
                   %z: memref<4x8xf32>) {
  %from_0 = memref.subview %y[0, 0] [4, 8] [1, 1] : memref<5x8xf32> to memref<4x8xf32, strided<[8, 1]>>
  %from_1 = memref.subview %y[1, 0] [4, 8] [1, 1] : memref<5x8xf32> to memref<4x8xf32, strided<[8, 1], offset: 8>>
  "memref.copy"(%x, %from_0) : (memref<4x8xf32>, memref<4x8xf32, strided<[8, 1]>>) -> ()
  "memref.copy"(%from_1, %z) : (memref<4x8xf32, strided<[8, 1], offset: 8>>, memref<4x8xf32>) -> ()
  return
}

// -----

// Slices of the columns, and heads, have the same rows.
// CHECK-LABEL: func.func @halves(
// CHECK:         scf.for %row
// CHECK:           memref.store %{{.*}}, %left[
// CHECK:           memref.store %{{.*}}, %right[
// CHECK:           memref.store %{{.*}}, %z[
// CHECK:         func.call @rlxc_barrier
// CHECK-NEXT:    func.return
func.func @halves(%x: memref<6x4xf32>, %num_threads: index {rlx.num_threads}, %y: memref<6x8xf32>,
                  %z: memref<6x2x4xf32>) {
  %left = memref.subview %y[0, 0] [6, 4] [1, 1] : memref<6x8xf32> to memref<6x4xf32, strided<[8, 1]>>
  %right = memref.subview %y[0, 4] [6, 4] [1, 1] : memref<6x8xf32> to memref<6x4xf32, strided<[8, 1], offset: 4>>
  "memref.copy"(%x, %left) : (memref<6x4xf32>, memref<6x4xf32, strided<[8, 1]>>) -> ()
  "memref.copy"(%x, %right) : (memref<6x4xf32>, memref<6x4xf32, strided<[8, 1], offset: 4>>) -> ()
  %heads = memref.expand_shape %y [[0], [1, 2]] output_shape [6, 2, 4] : memref<6x8xf32> into memref<6x2x4xf32>
  "memref.copy"(%heads, %z) : (memref<6x2x4xf32>, memref<6x2x4xf32>) -> ()
  return
}

// -----

// Here, %b may lie where %a did, which nobody needs when %b is written.
// CHECK-LABEL: func.func @reused(
// CHECK:         scf.for
// CHECK:           memref.store %{{.*}}, %a[
// CHECK:           memref.store %{{.*}}, %y[
// CHECK:         func.call @rlxc_barrier
// CHECK:         scf.for
// CHECK:           memref.store %{{.*}}, %b[
// CHECK:           memref.store %{{.*}}, %z[
// CHECK:         func.call @rlxc_barrier
// CHECK-NEXT:    func.return
func.func @reused(%x: memref<4x8xf32>, %num_threads: index {rlx.num_threads}, %y: memref<4x8xf32>,
                  %z: memref<4x8xf32>, %arena: memref<?xi8> {rlx.arena}) {
  %c0 = arith.constant 0 : index
  %c32 = arith.constant 32 : index
  %a = memref.view %arena[%c0][] : memref<?xi8> to memref<4x8xf32>
  %b = memref.view %arena[%c32][] : memref<?xi8> to memref<4x8xf32>
  "memref.copy"(%x, %a) : (memref<4x8xf32>, memref<4x8xf32>) -> ()
  "memref.copy"(%a, %y) : (memref<4x8xf32>, memref<4x8xf32>) -> ()
  "memref.copy"(%x, %b) : (memref<4x8xf32>, memref<4x8xf32>) -> ()
  "memref.copy"(%b, %z) : (memref<4x8xf32>, memref<4x8xf32>) -> ()
  return
}

// -----

// But what one operation reads and writes does not overlap, even if it is the last that reads it.
// CHECK-LABEL: func.func @passed_on(
// CHECK:         scf.for
// CHECK:           memref.store %{{.*}}, %a[
// CHECK-NOT:     rlxc_barrier
// CHECK:           memref.store %{{.*}}, %b[
// CHECK-NOT:     rlxc_barrier
// CHECK:           memref.store %{{.*}}, %y[
// CHECK:         func.call @rlxc_barrier
// CHECK-NEXT:    func.return
func.func @passed_on(%x: memref<4x8xf32>, %num_threads: index {rlx.num_threads}, %y: memref<4x8xf32>,
                     %arena: memref<?xi8> {rlx.arena}) {
  %c0 = arith.constant 0 : index
  %c128 = arith.constant 128 : index
  %a = memref.view %arena[%c0][] : memref<?xi8> to memref<4x8xf32>
  %b = memref.view %arena[%c128][] : memref<?xi8> to memref<4x8xf32>
  "memref.copy"(%x, %a) : (memref<4x8xf32>, memref<4x8xf32>) -> ()
  "memref.copy"(%a, %b) : (memref<4x8xf32>, memref<4x8xf32>) -> ()
  "memref.copy"(%b, %y) : (memref<4x8xf32>, memref<4x8xf32>) -> ()
  return
}

// -----

// Sizes with one name are the same; other sizes make other rows. Neither loop needs what the other writes.
// CHECK-LABEL: func.func @sizes(
// CHECK:         scf.for
// CHECK:           memref.store %{{.*}}, %u[
// CHECK-NOT:     scf.for %row_
// CHECK:           memref.store %{{.*}}, %v[
// CHECK-NOT:     rlxc_barrier
// CHECK:         scf.for
// CHECK:           memref.store %{{.*}}, %w[
// CHECK:         func.call @rlxc_barrier
// CHECK-NEXT:    func.return
func.func @sizes(%x: memref<?x8xf32> {rlx.dims = ["B"]}, %y: memref<?x8xf32> {rlx.dims = ["B"]}, %z: memref<?x8xf32>,
                 %num_threads: index {rlx.num_threads}, %u: memref<?x8xf32>, %v: memref<?x8xf32>, %w: memref<?x8xf32>) {
  "memref.copy"(%x, %u) : (memref<?x8xf32>, memref<?x8xf32>) -> ()
  "memref.copy"(%y, %v) : (memref<?x8xf32>, memref<?x8xf32>) -> ()
  "memref.copy"(%z, %w) : (memref<?x8xf32>, memref<?x8xf32>) -> ()
  return
}

// -----

// Each thread reads an element for itself: after it is written, and before it is overwritten.
// CHECK-LABEL: func.func @element(
// CHECK:         scf.for
// CHECK:           memref.store %{{.*}}, %y[
// CHECK:         func.call @rlxc_barrier
// CHECK-NEXT:    %e = memref.load %y[%c0] : memref<4xf32>
// CHECK:         func.call @rlxc_barrier
// CHECK-NEXT:    scf.for
// CHECK:           memref.store %e, %y[
// CHECK:         func.call @rlxc_barrier
// CHECK-NEXT:    func.return
func.func @element(%x: memref<4xf32>, %num_threads: index {rlx.num_threads}, %y: memref<4xf32>) {
  %c0 = arith.constant 0 : index
  "memref.copy"(%x, %y) : (memref<4xf32>, memref<4xf32>) -> ()
  %e = memref.load %y[%c0] : memref<4xf32>
  linalg.fill ins(%e : f32) outs(%y : memref<4xf32>)
  return
}

// -----

// All threads run a loop, and meet at the end of each iteration.
// CHECK-LABEL: func.func @loop(
// CHECK:         scf.for
// CHECK:           memref.store %{{.*}}, %y
// CHECK:         func.call @rlxc_barrier
// CHECK-NEXT:    scf.for %i = %c0 to %n step %c1 {
// CHECK:           scf.for %{{.*}} = %{{.*}} to %{{.*}} step %c1 {
// CHECK-NEXT:        memref.store %one, %y
// CHECK:           func.call @rlxc_barrier
// CHECK-NEXT:    }
// CHECK-NEXT:    func.return
func.func @loop(%x: memref<4xf32>, %n: index, %num_threads: index {rlx.num_threads}, %y: memref<4xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %one = arith.constant 1.0 : f32
  "memref.copy"(%x, %y) : (memref<4xf32>, memref<4xf32>) -> ()
  scf.for %i = %c0 to %n step %c1 {
    linalg.fill ins(%one : f32) outs(%y : memref<4xf32>)
  }
  return
}

// -----

#all = affine_map<(b, i, j) -> (b, i, j)>
#swapped = affine_map<(b, i, j) -> (b, j, i)>

// The batch alone, which is often one, would not make rows enough.
// CHECK-LABEL: func.func @batch(
// CHECK:         scf.for %row
// CHECK:           memref.store %{{.*}}, %y[
// CHECK:         func.call @rlxc_barrier
// CHECK:         scf.for
// CHECK:           memref.store %{{.*}}, %z[
// CHECK:         func.call @rlxc_barrier
// CHECK-NEXT:    func.return
func.func @batch(%x: memref<2x3x4xf32>, %num_threads: index {rlx.num_threads}, %y: memref<2x3x4xf32>,
                 %z: memref<2x4x3xf32>) {
  "memref.copy"(%x, %y) : (memref<2x3x4xf32>, memref<2x3x4xf32>) -> ()
  linalg.generic {indexing_maps = [#swapped, #all], iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%y : memref<2x3x4xf32>) outs(%z : memref<2x4x3xf32>) {
    ^bb0(%a: f32, %out: f32):
      linalg.yield %a : f32
  }
  return
}
