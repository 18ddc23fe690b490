// result[b, s, n] = visible[b, s] ? erf(tanh(exp(-(x . w)^2 + table[s + position, n]))) : 0
func.func @gated_linear(
    %x: memref<?x?x4xf32> {rlx.name = "x", rlx.dims = ["B", "S"]},
    %visible: memref<?x?xi8> {rlx.name = "visible", rlx.dims = ["B", "S"], rlx.element = i1},
    %position: index {rlx.name = "position"},
    %weight: memref<4x6xf32> {rlx.keys = ["proj.weight"], rlx.transposed},
    %cos: memref<16x6xf32> {rlx.table = "cos", rlx.theta = 1.0e4 : f64},
    %result: memref<?x?x6xf32>, %arena: memref<?xi8> {rlx.arena}) attributes {llvm.emit_c_interface} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %zero = arith.constant 0.0 : f32
  %false = arith.constant 0 : i8
  %B = memref.dim %x, %c0 : memref<?x?x4xf32>
  %S = memref.dim %x, %c1 : memref<?x?x4xf32>
  %product = memref.view %arena[%c0][%B, %S] : memref<?xi8> to memref<?x?x6xf32>
  affine.for %b = 0 to %B {
    affine.for %s = 0 to %S {
      affine.for %n = 0 to 6 {
        affine.store %zero, %product[%b, %s, %n] : memref<?x?x6xf32>
      }
      affine.for %k = 0 to 4 {
        affine.for %n = 0 to 6 {
          %0 = affine.load %x[%b, %s, %k] : memref<?x?x4xf32>
          %1 = affine.load %weight[%k, %n] : memref<4x6xf32>
          %2 = affine.load %product[%b, %s, %n] : memref<?x?x6xf32>
          %3 = arith.mulf %0, %1 : f32
          %4 = arith.addf %2, %3 : f32
          affine.store %4, %product[%b, %s, %n] : memref<?x?x6xf32>
        }
      }
      affine.for %n = 0 to 6 {
        %row = affine.apply affine_map<(d0)[s0] -> (d0 + s0)>(%s)[%position]
        %0 = affine.load %product[%b, %s, %n] : memref<?x?x6xf32>
        %1 = arith.mulf %0, %0 : f32
        %2 = memref.load %cos[%row, %n] : memref<16x6xf32>
        %3 = arith.subf %2, %1 : f32
        %4 = math.exp %3 : f32
        %5 = math.tanh %4 : f32
        %6 = math.erf %5 : f32
        %byte = affine.load %visible[%b, %s] : memref<?x?xi8>
        %seen = arith.cmpi ne, %byte, %false : i8
        %7 = arith.select %seen, %6, %zero : f32
        affine.store %7, %result[%b, %s, %n] : memref<?x?x6xf32>
      }
    }
  }
  return
}

func.func @gated_linear_prepare(
    %x: memref<?x?x4xf32>, %visible: memref<?x?xi8>, %position: index) -> (i64, i64, i64, i64)
    attributes {llvm.emit_c_interface, rlx.checks = ["position must not be negative", "the \22cos\22 table holds 16 positions"]} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %limit = arith.constant 16 : index
  %ok = arith.constant 0 : i64
  %first = arith.constant 1 : i64
  %second = arith.constant 2 : i64
  %B = memref.dim %x, %c0 : memref<?x?x4xf32>
  %S = memref.dim %x, %c1 : memref<?x?x4xf32>
  %end = arith.addi %S, %position : index
  %fits = arith.cmpi sle, %end, %limit : index
  %positive = arith.cmpi sge, %position, %c0 : index
  %0 = arith.select %fits, %ok, %second : i64
  %status = arith.select %positive, %0, %first : i64
  %b = arith.index_cast %B : index to i64
  %s = arith.index_cast %S : index to i64
  %row_bytes = arith.constant 24 : i64
  %rows = arith.muli %b, %s : i64
  %bytes = arith.muli %rows, %row_bytes : i64
  return %status, %b, %s, %bytes : i64, i64, i64, i64
}
