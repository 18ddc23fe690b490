// The RMS norm of each row, with a weight.
func.func @scaled(%x: tensor<?x?x8xf32> {rlx.name = "x", rlx.dims = ["B", "S"]}) -> tensor<?x?x8xf32> {
  %weight = rlx.param "norm.weight" : tensor<8xf32>
  %y = rlx.rms_norm %x gamma(%weight) {eps = 1.000000e-05 : f64} : tensor<?x?x8xf32>
  func.return %y : tensor<?x?x8xf32>
}
