// RUN: rlxc opt -p rlx-outline-checks --split-input-file --verify-diagnostics %s | filecheck %s
// RUN: rlxc opt -p rlx-outline-checks --split-input-file --verify-diagnostics %s | mlir-opt --split-input-file

// The checks leave with all that only they need. Status, then the dynamic sizes of the results in order.
// CHECK-LABEL: func.func @f(
// CHECK-NOT:     cf.assert
// CHECK-NOT:     arith.cmpi
// CHECK:         func.return %x, %w
// CHECK-LABEL: func.func @f_prepare(
// CHECK-SAME:    %x: tensor<?x4xf32> {rlx.name = "x"}, %n: index)
// CHECK-SAME:    -> (i64, i64) attributes {rlx.checks = ["more than n", "more than 8"]} {
// CHECK:         %B = tensor.dim %x, %{{.*}} : tensor<?x4xf32>
// CHECK-NEXT:    %first = arith.cmpi sle, %B, %n : index
// CHECK:         %second = arith.cmpi sle, %B, %c8 : index
// CHECK:         %[[NONE:.*]] = arith.constant 0 : i64
// CHECK-NEXT:    %[[TWO:.*]] = arith.constant 2 : i64
// CHECK-NEXT:    %[[LATER:.*]] = arith.select %second, %[[NONE]], %[[TWO]] : i64
// CHECK-NEXT:    %[[ONE:.*]] = arith.constant 1 : i64
// CHECK-NEXT:    %status = arith.select %first, %[[LATER]], %[[ONE]] : i64
// CHECK-NEXT:    %[[SIZE:.*]] = arith.index_cast %{{.*}} : index to i64
// CHECK-NEXT:    func.return %status, %[[SIZE]] : i64, i64
func.func @f(%x: tensor<?x4xf32> {rlx.name = "x"}, %n: index, %w: tensor<4x4xf32> {rlx.keys = ["w"]})
    -> (tensor<?x4xf32>, tensor<4x4xf32>) {
  %c0 = arith.constant 0 : index
  %B = tensor.dim %x, %c0 : tensor<?x4xf32>
  %first = arith.cmpi sle, %B, %n : index
  cf.assert %first, "more than n"
  %c8 = arith.constant 8 : index
  %second = arith.cmpi sle, %B, %c8 : index
  cf.assert %second, "more than 8"
  func.return %x, %w : tensor<?x4xf32>, tensor<4x4xf32>
}

// -----

// A condition may be computed from the elements of an input.
// CHECK-LABEL: func.func @embed(
// CHECK-NOT:     linalg
// CHECK:         func.return %ids
// CHECK-LABEL: func.func @embed_prepare(
// CHECK:         %valid = linalg.generic
// CHECK:         %all = tensor.extract %valid[] : tensor<i1>
// CHECK:         %status = arith.select %all
func.func @embed(%ids: tensor<2xi64>) -> tensor<2xi64> {
  %true = arith.constant true
  %init = tensor.empty() : tensor<i1>
  %start = linalg.fill ins(%true : i1) outs(%init : tensor<i1>) -> tensor<i1>
  %valid = linalg.generic {indexing_maps = [affine_map<(d0) -> (d0)>, affine_map<(d0) -> ()>], iterator_types = ["reduction"]}
    ins(%ids : tensor<2xi64>) outs(%start : tensor<i1>) {
  ^bb0(%id: i64, %acc: i1):
    %size = arith.constant 100 : i64
    %below = arith.cmpi ult, %id, %size : i64
    %both = arith.andi %acc, %below : i1
    linalg.yield %both : i1
  } -> tensor<i1>
  %all = tensor.extract %valid[] : tensor<i1>
  cf.assert %all, "a token id is not in [0, 100)"
  func.return %ids : tensor<2xi64>
}

// -----

// What the function needs too, it keeps. Without checks the status is 0.
// CHECK-LABEL: func.func @sizes(
// CHECK:         %n = tensor.dim %x
// CHECK-NEXT:    %y = tensor.empty(%n) : tensor<?xf32>
// CHECK-NEXT:    func.return %y, %x
// CHECK-LABEL: func.func @sizes_prepare(%x: tensor<?xf32>) -> (i64, i64, i64) attributes {rlx.checks = []} {
// CHECK:         %status = arith.constant 0 : i64
func.func @sizes(%x: tensor<?xf32>) -> (tensor<?xf32>, tensor<?xf32>) {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %x, %c0 : tensor<?xf32>
  %y = tensor.empty(%n) : tensor<?xf32>
  func.return %y, %x : tensor<?xf32>, tensor<?xf32>
}

// -----

// expected-error@unknown {{the check "inside" is in a loop, or in a function without callers, and cannot be made before the call}}
func.func @check_in_a_loop(%n: index, %ok: i1) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  scf.for %i = %c0 to %n step %c1 {
    cf.assert %ok, "inside"
  }
  func.return
}

// -----

// expected-error@unknown {{a check or the size of a result depends on the weight 'w'}}
func.func @check_of_a_weight(%w: tensor<4xi1> {rlx.keys = ["w"]}) {
  %c0 = arith.constant 0 : index
  %ok = tensor.extract %w[%c0] : tensor<4xi1>
  cf.assert %ok, "a weight"
  func.return
}
