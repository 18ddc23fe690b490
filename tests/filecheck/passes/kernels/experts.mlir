// RUN: rlxc opt %s -p 'convert-rlx-to-kernel{target=avx2}' --split-input-file | filecheck %s
// RUN: rlxc opt %s -p 'convert-rlx-to-kernel{target=avx2},convert-rlx-to-linalg,rlx-outline-checks,rlx-bufferize,rlx-arena-to-arg,rlx-share-work,convert-kernel-to-vector' --split-input-file | filecheck %s --check-prefix=CALL

// Each of 8 experts has panels of its own: one of gate and one of up for 20 columns, 3 of down for 64. The router says
// how many experts a row has at most.
// CHECK-LABEL: @moe
// CHECK-SAME: %w: tensor<16x64x24xf32> {rlx.name = "w", rlx.keys = ["w"], rlx.panels = 24 : i64, rlx.gated, rlx.experts = 8 : i64}
// CHECK-SAME: %d: tensor<24x20x24xf32> {rlx.name = "d", rlx.keys = ["d"], rlx.panels = 24 : i64, rlx.experts = 8 : i64}
// CALL-LABEL: @moe
func.func @moe(%x: tensor<?x?x64xf32> {rlx.dims = ["B", "S"]}, %l: tensor<?x?x8xf32> {rlx.dims = ["B", "S"]},
               %w: tensor<64x320xf32> {rlx.keys = ["w"]}, %d: tensor<20x512xf32> {rlx.keys = ["d"]}) -> tensor<?x?x64xf32> {
  %g = rlx.route %l {top_k = 2} : tensor<?x?x8xf32>
  // CHECK: %y, %{{.*}} = kernel.moe %x, %g, %w, %d activation(silu) outs(%init, %{{.*}}) {top_k = 2 : i64}
  // CALL: func.call @rlxc_moe_64x20_2of8_silu(%{{.*}}, %{{.*}}, %w, %d, %{{.*}}, %{{.*}}, %thread, %num_threads, %barrier)
  %y = rlx.moe %x, %g, %w, %d activation(silu) : tensor<?x?x64xf32>, tensor<?x?x8xf32>, tensor<64x320xf32>, tensor<20x512xf32>
  func.return %y : tensor<?x?x64xf32>
}

// -----

// Gates that come from elsewhere may choose all experts.
// CHECK-LABEL: @any_gates
// CALL-LABEL: @any_gates
func.func @any_gates(%x: tensor<1x?x64xf32>, %g: tensor<1x?x3xf32>, %w: tensor<64x120xf32> {rlx.keys = ["w"]},
                     %d: tensor<20x192xf32> {rlx.keys = ["d"]}) -> tensor<1x?x64xf32> {
  // CHECK: kernel.moe {{.*}} {top_k = 3 : i64}
  // CALL: func.call @rlxc_moe_64x20_3of3_gelu(
  %y = rlx.moe %x, %g, %w, %d activation(gelu) : tensor<1x?x64xf32>, tensor<1x?x3xf32>, tensor<64x120xf32>, tensor<20x192xf32>
  func.return %y : tensor<1x?x64xf32>
}

// -----

// One weight that something else reads leaves the other as it is, too.
// CHECK-LABEL: @weight_of_two_kinds
// CHECK-SAME: %w: tensor<64x120xf32> {rlx.name = "w", rlx.keys = ["w"]}
// CHECK-SAME: %d: tensor<20x192xf32> {rlx.name = "d", rlx.keys = ["d"]}
// CALL-LABEL: @weight_of_two_kinds
func.func @weight_of_two_kinds(%x: tensor<1x?x64xf32>, %g: tensor<1x?x3xf32>, %w: tensor<64x120xf32> {rlx.keys = ["w"]},
                               %d: tensor<20x192xf32> {rlx.keys = ["d"]}) -> (tensor<1x?x64xf32>, tensor<1x?x60xf32>) {
  // CHECK: rlx.moe %x, %g, %w, %d
  %y = rlx.moe %x, %g, %w, %d activation(gelu) : tensor<1x?x64xf32>, tensor<1x?x3xf32>, tensor<64x120xf32>, tensor<20x192xf32>
  // CHECK: rlx.glu_matmul %x, %w
  %z = rlx.glu_matmul %x, %w activation(silu) : tensor<1x?x64xf32>, tensor<64x120xf32> -> tensor<1x?x60xf32>
  func.return %y, %z : tensor<1x?x64xf32>, tensor<1x?x60xf32>
}
