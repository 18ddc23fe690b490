// RUN: rlxc opt -p 'rlx-inline-calls{keep-repeated=true},rlx-params-to-args,convert-rlx-to-kernel{target=avx2}' %s | filecheck %s --check-prefix=TENSORS
// RUN: rlxc compile %s --emit=kernels | filecheck %s --check-prefix=CALLS
// RUN: rlxc compile %s --emit=affine | filecheck %s --check-prefix=INLINED

// A layer that is called twice is lowered once. Each call passes the weights of its scope, packed as the layer takes
// them, and the number of threads; the tables are the same for all.
// TENSORS-LABEL: func.func @model(
// TENSORS-SAME:    %num_threads: index
// TENSORS-SAME:    %layers_0_mlp_w: tensor<3x64x24xf32> {rlx.name = "layers_0_mlp_w", rlx.keys = ["layers.0.mlp.w"], rlx.transposed, rlx.panels = 24 : i64}
// TENSORS-SAME:    %layers_0_mlp_g: tensor<64xf32>
// TENSORS-SAME:    %layers_1_mlp_w: tensor<3x64x24xf32> {rlx.name = "layers_1_mlp_w", rlx.keys = ["layers.1.mlp.w"], rlx.transposed, rlx.panels = 24 : i64}
// TENSORS-SAME:    attributes {rlx.kernels = "avx2"}
// TENSORS:         [[MEMORY:%.*]] = tensor.empty(%B, %S) : tensor<?x?x64xf32>
// TENSORS:         %a = kernel.call @layer(%x, %num_threads, %layers_0_mlp_w, %layers_0_mlp_g) outs([[MEMORY]])
// TENSORS:         %b = kernel.call @layer(%a, %num_threads, %layers_1_mlp_w, %layers_1_mlp_g) outs(
// TENSORS-LABEL: func.func private @layer(
// TENSORS-SAME:    %num_threads: index
// TENSORS-SAME:    %w: tensor<3x64x24xf32> {rlx.name = "w", rlx.keys = ["w"], rlx.transposed, rlx.panels = 24 : i64}

// All threads make the call; its workspace is a part of the arena, the same for both.
// CALLS-LABEL:   func.func @model(
// CALLS-SAME:      %arena: memref<?xi8> {rlx.arena}
// CALLS-NOT:     linalg
// CALLS:           [[WORKSPACE:%.*]] = memref.view %arena[{{.*}}] : memref<?xi8> to memref<?xi8>
// CALLS-NEXT:      func.call @layer(%x, %num_threads, %layers_0_mlp_w, %layers_0_mlp_g, %a, [[WORKSPACE]], %thread, %barrier)
// CALLS-NEXT:      func.call @layer(%a, %num_threads, %layers_1_mlp_w, %layers_1_mlp_g, %b, [[WORKSPACE]], %thread, %barrier)
// CALLS-NEXT:      func.return
// CALLS-LABEL:   func.func @model_prepare(
// CALLS-NOT:       func.func @layer_prepare
// CALLS-LABEL:   func.func private @layer(
// CALLS-SAME:      %arena: memref<?xi8> {rlx.arena}, %thread: index {rlx.thread}, %barrier: memref<16xi64> {rlx.barrier})

// INLINED-NOT:   call @layer
func.func @model(%x: tensor<?x?x64xf32> {rlx.dims = ["B", "S"]}) -> tensor<?x?x64xf32> {
  %a = func.call @layer(%x) {rlx.scope = "layers.0.mlp."} : (tensor<?x?x64xf32>) -> tensor<?x?x64xf32>
  %b = func.call @layer(%a) {rlx.scope = "layers.1.mlp."} : (tensor<?x?x64xf32>) -> tensor<?x?x64xf32>
  func.return %b : tensor<?x?x64xf32>
}
func.func private @layer(%h: tensor<?x?x64xf32>) -> tensor<?x?x64xf32> {
  %w = rlx.param "w" transposed : tensor<64x64xf32>
  %g = rlx.param "g" : tensor<64xf32>
  %n = rlx.rms_norm %h gamma(%g) {eps = 1.0e-5 : f64} : tensor<?x?x64xf32>
  %y = rlx.matmul %n, %w residual(%h) : tensor<?x?x64xf32>, tensor<64x64xf32>
  func.return %y : tensor<?x?x64xf32>
}
