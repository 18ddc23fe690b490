// For a team of threads, each of which does the elements thread, thread + num_threads, ...
// scaled = scale x, or -scale x if negated; after a barrier, sums[i] = scaled[i] + scaled[S - 1 - i].
func.func @mirrored(
    %x: memref<?xf32> {rlx.name = "x", rlx.dims = ["S"]}, %scale: f64 {rlx.name = "scale"}, %negated: i1 {rlx.name = "negated"},
    %num_threads: index {rlx.name = "num_threads", rlx.num_threads}, %scaled: memref<?xf32>, %sums: memref<?xf32>,
    %thread: index {rlx.thread}, %barrier: memref<16xi64> {rlx.barrier}) attributes {llvm.emit_c_interface} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %size = memref.dim %x, %c0 : memref<?xf32>
  %last = arith.subi %size, %c1 : index
  %positive = arith.truncf %scale : f64 to f32
  %negative = arith.negf %positive : f32
  %factor = arith.select %negated, %negative, %positive : f32
  scf.for %i = %thread to %size step %num_threads {
    %0 = memref.load %x[%i] : memref<?xf32>
    %1 = arith.mulf %0, %factor : f32
    memref.store %1, %scaled[%i] : memref<?xf32>
  }
  func.call @wait(%barrier, %num_threads) : (memref<16xi64>, index) -> ()
  scf.for %i = %thread to %size step %num_threads {
    %mirror = arith.subi %last, %i : index
    %0 = memref.load %scaled[%i] : memref<?xf32>
    %1 = memref.load %scaled[%mirror] : memref<?xf32>
    %2 = arith.addf %0, %1 : f32
    memref.store %2, %sums[%i] : memref<?xf32>
  }
  func.call @wait(%barrier, %num_threads) : (memref<16xi64>, index) -> ()
  return
}

func.func @mirrored_prepare(%x: memref<?xf32>, %scale: f64, %negated: i1, %num_threads: index) -> (i64, i64, i64)
    attributes {llvm.emit_c_interface, rlx.checks = ["num_threads must be positive"]} {
  %c0 = arith.constant 0 : index
  %zero = arith.constant 0 : i64
  %one = arith.constant 1 : i64
  %none = arith.cmpi sle, %num_threads, %c0 : index
  %status = arith.select %none, %one, %zero : i64
  %size = memref.dim %x, %c0 : memref<?xf32>
  %count = arith.index_cast %size : index to i64
  return %status, %count, %count : i64, i64, i64
}

// A barrier that spins: element 0 counts those who wait, element 8 how often all have met.
func.func private @wait(%barrier: memref<16xi64>, %num_threads: index) {
  %c0 = arith.constant 0 : index
  %c8 = arith.constant 8 : index
  %zero = arith.constant 0 : i64
  %one = arith.constant 1 : i64
  %count = arith.index_cast %num_threads : index to i64
  %met = "memref.atomic_rmw"(%zero, %barrier, %c8) <{kind = 1 : i64}> : (i64, memref<16xi64>, index) -> i64
  %before = "memref.atomic_rmw"(%one, %barrier, %c0) <{kind = 1 : i64}> : (i64, memref<16xi64>, index) -> i64
  %arrived = arith.addi %before, %one : i64
  %complete = arith.cmpi eq, %arrived, %count : i64
  scf.if %complete {
    memref.store %zero, %barrier[%c0] : memref<16xi64>
    %0 = "memref.atomic_rmw"(%one, %barrier, %c8) <{kind = 1 : i64}> : (i64, memref<16xi64>, index) -> i64
  } else {
    %last = scf.while (%seen = %met) : (i64) -> i64 {
      %waits = arith.cmpi eq, %seen, %met : i64
      scf.condition(%waits) %seen : i64
    } do {
    ^bb0(%seen: i64):
      func.call @sched_yield() : () -> ()
      %now = "memref.atomic_rmw"(%zero, %barrier, %c8) <{kind = 1 : i64}> : (i64, memref<16xi64>, index) -> i64
      scf.yield %now : i64
    }
  }
  return
}

func.func private @sched_yield()
