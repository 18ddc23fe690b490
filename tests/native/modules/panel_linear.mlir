// For a team of threads, each of which does the panels thread, thread + num_threads, ...; a call has arena bytes to itself.
// result[n] = sum over k of x[k] weight[k, n] for N = 5, with the weight in panels of 2 columns.
func.func @panel_linear(
    %x: memref<3xf32> {rlx.name = "x"}, %num_threads: index {rlx.name = "num_threads", rlx.num_threads},
    %weight: memref<3x3x2xf32> {rlx.name = "weight", rlx.keys = ["w"], rlx.transposed, rlx.panels = 2 : i64},
    %result: memref<5xf32>, %arena: memref<?xi8> {rlx.arena},
    %thread: index {rlx.thread}, %barrier: memref<16xi64> {rlx.barrier}) attributes {llvm.emit_c_interface} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %c3 = arith.constant 3 : index
  %c5 = arith.constant 5 : index
  %zero = arith.constant 0.0 : f32
  scf.for %n = %thread to %c5 step %num_threads {
    %p = arith.divui %n, %c2 : index
    %w = arith.remui %n, %c2 : index
    %sum = scf.for %k = %c0 to %c3 step %c1 iter_args(%before = %zero) -> (f32) {
      %0 = memref.load %x[%k] : memref<3xf32>
      %1 = memref.load %weight[%p, %k, %w] : memref<3x3x2xf32>
      %2 = arith.mulf %0, %1 : f32
      %3 = arith.addf %before, %2 : f32
      scf.yield %3 : f32
    }
    memref.store %sum, %result[%n] : memref<5xf32>
  }
  return
}

func.func @panel_linear_prepare(%x: memref<3xf32>, %num_threads: index) -> (i64, i64)
    attributes {llvm.emit_c_interface, rlx.checks = []} {
  %zero = arith.constant 0 : i64
  %bytes = arith.index_cast %num_threads : index to i64
  return %zero, %bytes : i64, i64
}
