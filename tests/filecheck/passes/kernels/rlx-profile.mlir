// RUN: rlxc opt -p rlx-share-work,rlx-profile %s | filecheck %s

// A loop over rows that does two operations, a kernel, and the barriers around it.
// CHECK-LABEL: func.func @f(
// CHECK-SAME:    %profile: memref<?x?x2xi64> {rlx.profile}, %thread: index {rlx.thread}, %barrier: memref<16xi64>
// CHECK-SAME:    rlx.marks = {{.}}{{.}}loc("%z = thrice"("f.py":1:2)), loc("%y = twice")], [], [loc("%p = rlx.matmul")], []]} {
// CHECK-NEXT:    %mark = arith.constant 0 : index
// CHECK-NEXT:    func.call @rlxc_note_time(%profile, %thread, %mark) : (memref<?x?x2xi64>, index, index) -> ()
// CHECK:         scf.for %row
// CHECK:         %mark_1 = arith.constant 1 : index
// CHECK-NEXT:    func.call @rlxc_note_time(%profile, %thread, %mark_1)
// CHECK-NEXT:    func.call @rlxc_barrier
// CHECK-NEXT:    %mark_2 = arith.constant 2 : index
// CHECK-NEXT:    func.call @rlxc_note_time(%profile, %thread, %mark_2)
// CHECK:         kernel.matmul
// CHECK-NEXT:    %mark_3 = arith.constant 3 : index
// CHECK-NEXT:    func.call @rlxc_note_time(%profile, %thread, %mark_3)
// CHECK-NEXT:    func.call @rlxc_barrier
// CHECK-NEXT:    %mark_4 = arith.constant 4 : index
// CHECK-NEXT:    func.call @rlxc_note_time(%profile, %thread, %mark_4)
// CHECK-NEXT:    func.return

// A mark is where C's timespec of this thread and number lies.
// CHECK-LABEL: func.func private @rlxc_note_time(%profile: memref<?x?x2xi64>, %thread: index, %mark: index) {
// CHECK:         [[MARKS:%.*]] = memref.dim %profile, %c1
// CHECK:         [[ROW:%.*]] = arith.muli %thread, [[MARKS]]
// CHECK:         arith.addi [[ROW]], %mark
// CHECK:         [[PLACE:%.*]] = llvm.inttoptr
// CHECK:         func.call @clock_gettime(%{{.*}}, [[PLACE]]) : (i32, !llvm.ptr) -> i32

#row = affine_map<(i, j, k) -> (i, j, k)>
func.func @f(%x: memref<1x4x8xf32>, %num_threads: index {rlx.num_threads}, %w: memref<1x8x24xf32>,
             %y: memref<1x4x8xf32>, %z: memref<1x4x8xf32>, %p: memref<1x4x24xf32>, %workspace: memref<?xf32>) {
  linalg.generic {indexing_maps = [#row, #row], iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%x : memref<1x4x8xf32>) outs(%y : memref<1x4x8xf32>) {
  ^bb0(%in: f32, %out: f32):
    %sum = arith.addf %in, %in : f32
    linalg.yield %sum : f32
  } loc("%y = twice")
  linalg.generic {indexing_maps = [#row, #row, #row], iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%x, %y : memref<1x4x8xf32>, memref<1x4x8xf32>) outs(%z : memref<1x4x8xf32>) {
  ^bb0(%in: f32, %two: f32, %out: f32):
    %sum = arith.addf %in, %two : f32
    linalg.yield %sum : f32
  } loc("%z = thrice"("f.py":1:2))
  kernel.matmul %z, %w outs(%p, %workspace)
      : memref<1x4x8xf32>, memref<1x8x24xf32>, memref<1x4x24xf32>, memref<?xf32> loc("%p = rlx.matmul")
  return
}
