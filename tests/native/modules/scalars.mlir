// One argument of each scalar type, arrays of rank 0; all sizes are static. floats = a + b + c, integers = i + j + k, flag = t.
func.func @scalars(
    %a: f32 {rlx.name = "a"}, %b: f64 {rlx.name = "b"}, %i: i32 {rlx.name = "i"}, %j: i64 {rlx.name = "j"},
    %k: index {rlx.name = "k"}, %t: i1 {rlx.name = "t"}, %c: memref<f64> {rlx.name = "c"},
    %floats: memref<f64>, %integers: memref<2xi64>, %flag: memref<i8> {rlx.element = i1}) attributes {llvm.emit_c_interface} {
  %a64 = arith.extf %a : f32 to f64
  %c0 = affine.load %c[] : memref<f64>
  %ab = arith.addf %a64, %b : f64
  %abc = arith.addf %ab, %c0 : f64
  affine.store %abc, %floats[] : memref<f64>
  %i64 = arith.extsi %i : i32 to i64
  %k64 = arith.index_cast %k : index to i64
  %ij = arith.addi %i64, %j : i64
  %ijk = arith.addi %ij, %k64 : i64
  affine.store %ijk, %integers[0] : memref<2xi64>
  affine.store %k64, %integers[1] : memref<2xi64>
  %byte = arith.extui %t : i1 to i8
  affine.store %byte, %flag[] : memref<i8>
  return
}

func.func @scalars_prepare(
    %a: f32, %b: f64, %i: i32, %j: i64, %k: index, %t: i1, %c: memref<f64>) -> i64
    attributes {llvm.emit_c_interface, rlx.checks = ["i must not be negative"]} {
  %zero = arith.constant 0 : i32
  %ok = arith.constant 0 : i64
  %first = arith.constant 1 : i64
  %holds = arith.cmpi sge, %i, %zero : i32
  %status = arith.select %holds, %ok, %first : i64
  return %status : i64
}
