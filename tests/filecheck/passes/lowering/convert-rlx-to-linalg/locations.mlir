// RUN: rlxc opt -p convert-rlx-to-linalg --print-debuginfo %s | filecheck %s

// Each operation says which one it was made from, without types and with numbers as people write them.
// CHECK-LABEL: func.func @layer
// CHECK:         tensor.empty(%{{.*}}) : tensor<1x?x16xf32> loc("%y = rlx.softcap %x {cap = 30}"("{{.*}}locations.mlir":11:3))
// CHECK:           math.tanh %{{.*}} loc("%y = rlx.softcap %x {cap = 30}"
// CHECK:         } -> tensor<1x?x16xf32> loc("%y = rlx.softcap %x {cap = 30}"
// CHECK:           arith.addf %{{.*}} : f32 loc("%z = arith.addf %y, %x"
// CHECK:           math.sqrt %{{.*}} loc("%1 = rlx.rms_norm %z {eps = 1e-05, head_dim = 8}"
func.func @layer(%x: tensor<1x?x16xf32>) -> tensor<1x?x16xf32> {
  %y = rlx.softcap %x {cap = 30.0 : f64} : tensor<1x?x16xf32>
  %z = arith.addf %y, %x : tensor<1x?x16xf32>
  %0 = arith.constant dense<1.0> : tensor<4xf32>
  %1 = rlx.rms_norm %z {eps = 1.0e-5 : f64, head_dim = 8} : tensor<1x?x16xf32>
  func.return %1 : tensor<1x?x16xf32>
}
