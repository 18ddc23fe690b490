// RUN: rlxc opt -p convert-rlx-to-linalg %s | filecheck %s
// RUN: xdsl-opt -p convert-rlx-to-linalg %s | mlir-opt

// CHECK-LABEL: func.func @repeat_kv
// CHECK:         %[[HEADS:.*]] = tensor.expand_shape %x {{.*}} into tensor<1x4x2x16xf32>
// CHECK:         %repeated = linalg.generic
// CHECK-SAME:      affine_map<(d0, d1, d2, d3, d4) -> (d0, d1, d2, d4)>, affine_map<(d0, d1, d2, d3, d4) -> (d0, d1, d2, d3, d4)>
// CHECK-SAME:      ins(%[[HEADS]] : tensor<1x4x2x16xf32>) outs(%{{.*}} : tensor<1x4x2x3x16xf32>)
// CHECK:         %y = tensor.collapse_shape %repeated {{.*}} into tensor<1x4x96xf32>
func.func @repeat_kv(%x: tensor<1x4x32xf32>) -> tensor<1x4x96xf32> {
  %y = rlx.repeat_kv %x {head_dim = 16, group = 3} : tensor<1x4x32xf32> -> tensor<1x4x96xf32>
  func.return %y : tensor<1x4x96xf32>
}

// All ids are checked at once: unsigned, a negative one is too large.
// CHECK-LABEL: func.func @embed
// CHECK:         %[[TRUE:.*]] = linalg.fill ins(%{{.*}} : i1) outs(%{{.*}} : tensor<i1>)
// CHECK-NEXT:    %ids_valid = linalg.generic {{.*}} iterator_types = ["reduction", "reduction"]} ins(%ids : tensor<1x?xi32>) outs(%[[TRUE]] : tensor<i1>)
// CHECK-NEXT:    ^bb0(%[[ID:.*]]: i32, %acc: i1):
// CHECK-NEXT:      %[[SIZE:.*]] = arith.constant 100 : i32
// CHECK-NEXT:      %[[BELOW:.*]] = arith.cmpi ult, %[[ID]], %[[SIZE]] : i32
// CHECK-NEXT:      %[[ALL:.*]] = arith.andi %acc, %[[BELOW]] : i1
// CHECK-NEXT:      linalg.yield %[[ALL]] : i1
// CHECK-NEXT:    } -> tensor<i1>
// CHECK-NEXT:    %[[VALID:.*]] = tensor.extract %ids_valid[] : tensor<i1>
// CHECK-NEXT:    cf.assert %[[VALID]], "rlx.embed at {{.*}}: a token id is not in [0, 100)"
// CHECK:         %y = linalg.generic {{.*}} ins(%ids : tensor<1x?xi32>) outs(%{{.*}} : tensor<1x?x64xf32>)
// CHECK-NEXT:    ^bb0(%[[ID:.*]]: i32, %out: f32):
// CHECK-NEXT:      %[[COLUMN:.*]] = linalg.index 2 : index
// CHECK-NEXT:      %[[ROW:.*]] = arith.index_cast %[[ID]] : i32 to index
// CHECK-NEXT:      %[[ELEMENT:.*]] = tensor.extract %table[%[[ROW]], %[[COLUMN]]] : tensor<100x64xf32>
// CHECK-NEXT:      %[[SCALE:.*]] = arith.constant 8.000000e+00 : f32
// CHECK-NEXT:      %[[SCALED:.*]] = arith.mulf %[[ELEMENT]], %[[SCALE]] : f32
// CHECK-NEXT:      linalg.yield %[[SCALED]] : f32
func.func @embed(%table: tensor<100x64xf32>, %ids: tensor<1x?xi32>) -> tensor<1x?x64xf32> {
  %y = rlx.embed %table, %ids {scale = 8.0 : f64} : tensor<100x64xf32>, tensor<1x?xi32>
  func.return %y : tensor<1x?x64xf32>
}

// CHECK-LABEL: func.func @embed_unscaled
// CHECK:         %[[ELEMENT:.*]] = tensor.extract %table
// CHECK-NEXT:    linalg.yield %[[ELEMENT]] : f32
func.func @embed_unscaled(%table: tensor<100x64xf32>, %ids: tensor<1x4xi64>) -> tensor<1x4x64xf32> {
  %y = rlx.embed %table, %ids : tensor<100x64xf32>, tensor<1x4xi64>
  func.return %y : tensor<1x4x64xf32>
}

// CHECK-LABEL: func.func @position_embed
// CHECK:         cf.assert %{{.*}}, "rlx.position_embed at {{.*}}: position is negative"
// CHECK:         cf.assert %{{.*}}, "rlx.position_embed at {{.*}}: x has more positions than the table holds (100)"
// CHECK-NEXT:    %[[ROWS:.*]] = tensor.extract_slice %table[%p, 0] [%S, 64] [1, 1] : tensor<100x64xf32> to tensor<?x64xf32>
// CHECK:         %y = linalg.generic {{.*}} ins(%x, %[[ROWS]] : tensor<1x?x64xf32>, tensor<?x64xf32>)
// CHECK:           %[[SUM:.*]] = arith.addf %{{.*}}, %{{.*}} : f32
// CHECK-NEXT:      linalg.yield %[[SUM]] : f32
func.func @position_embed(%x: tensor<1x?x64xf32> {rlx.dims = ["S"]}, %table: tensor<100x64xf32>, %p: index) -> tensor<1x?x64xf32> {
  %y = rlx.position_embed %x, %table position(%p) : tensor<1x?x64xf32>, tensor<100x64xf32>
  func.return %y : tensor<1x?x64xf32>
}

// CHECK-LABEL: func.func @kv_append
// CHECK:         cf.assert %{{.*}}, "rlx.kv_append at {{.*}}: position is negative"
// CHECK:         cf.assert %{{.*}}, "rlx.kv_append at {{.*}}: the new rows do not fit into the cache (capacity 128)"
// CHECK-NEXT:    %y = tensor.insert_slice %new into %cache[0, %p, 0] [1, %new_dim1, 32] [1, 1, 1] : tensor<1x?x32xf32> into tensor<1x128x32xf32>
func.func @kv_append(%cache: tensor<1x128x32xf32>, %new: tensor<1x?x32xf32>, %p: index) -> tensor<1x128x32xf32> {
  %y = rlx.kv_append %cache, %new position(%p) : tensor<1x128x32xf32>, tensor<1x?x32xf32>
  func.return %y : tensor<1x128x32xf32>
}
