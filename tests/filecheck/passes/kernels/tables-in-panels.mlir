// RUN: rlxc opt %s -p 'rlx-params-to-args,convert-rlx-to-kernel{target=avx2 tables-in-panels="embed.weight"}' | filecheck %s

// An embedding that another program multiplies with is looked up in the panels of that projection, others in their
// tables.
// CHECK:      func.func @lookup(%ids: tensor<?x?xi64>
// CHECK-SAME: %table: tensor<5x64x24xf32> {rlx.name = "table", rlx.keys = ["embed.weight"], rlx.transposed, rlx.panels = 24 : i64}
// CHECK-SAME: %types: tensor<2x64xf32> {rlx.name = "types", rlx.keys = ["types.weight"]}
func.func @lookup(%ids: tensor<?x?xi64>) -> (tensor<?x?x64xf32>, tensor<?x?x64xf32>) {
  %table = rlx.param "embed.weight" : tensor<100x64xf32>
  %types = rlx.param "types.weight" : tensor<2x64xf32>
  // CHECK:      cf.assert %{{.*}}, "rlx.embed at {{.*}}tables-in-panels.mlir:23:3: a token id is not in [0, 100)"
  // CHECK:      [[COLUMN:%.*]] = linalg.index 2 : index
  // CHECK-NEXT: [[ROW:%.*]] = arith.index_cast
  // CHECK-NEXT: [[WIDTH:%.*]] = arith.constant 24 : index
  // CHECK-NEXT: [[PANEL:%.*]] = arith.divui [[ROW]], [[WIDTH]] : index
  // CHECK-NEXT: [[WIDTH:%.*]] = arith.constant 24 : index
  // CHECK-NEXT: [[BEFORE:%.*]] = arith.muli [[PANEL]], [[WIDTH]] : index
  // CHECK-NEXT: [[LANE:%.*]] = arith.subi [[ROW]], [[BEFORE]] : index
  // CHECK-NEXT: [[ELEMENT:%.*]] = tensor.extract %table[[[PANEL]], [[COLUMN]], [[LANE]]] : tensor<5x64x24xf32>
  // CHECK-NEXT: [[SCALE:%.*]] = arith.constant 2.000000e+00 : f32
  // CHECK-NEXT: arith.mulf [[ELEMENT]], [[SCALE]] : f32
  // CHECK:      rlx.embed %types, %ids
  %h = rlx.embed %table, %ids {scale = 2.0 : f64} : tensor<100x64xf32>, tensor<?x?xi64>
  %t = rlx.embed %types, %ids : tensor<2x64xf32>, tensor<?x?xi64>
  return %h, %t : tensor<?x?x64xf32>, tensor<?x?x64xf32>
}
