// RUN: rlxc opt -p rlx-linalg-to-affine --split-input-file --verify-diagnostics %s

// expected-error@unknown {{'linalg.fill' on tensors has no loops: run rlx-bufferize first}}
func.func @tensors(%c: f32, %x: tensor<4xf32>) -> tensor<4xf32> {
  %y = linalg.fill ins(%c : f32) outs(%x : tensor<4xf32>) -> tensor<4xf32>
  func.return %y : tensor<4xf32>
}

// -----

// expected-error@unknown {{'linalg.generic' has 2 outputs, but loops are made for one}}
func.func @two_outputs(%x: memref<4xf32>, %y: memref<4xf32>) {
  linalg.generic {indexing_maps = [affine_map<(i) -> (i)>, affine_map<(i) -> (i)>], iterator_types = ["parallel"]}
    outs(%x, %y : memref<4xf32>, memref<4xf32>) {
    ^bb0(%a: f32, %b: f32):
      linalg.yield %b, %a : f32, f32
  }
  func.return
}
