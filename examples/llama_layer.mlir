builtin.module {
  func.func @llama_layer(%x: tensor<?x?x512xf32> {rlx.name = "x", rlx.dims = ["B", "S"]}) -> tensor<?x?x512xf32> {
    %cos = rlx.rope_table cos {theta = 5.000000e+05 : f64} : tensor<4096x32xf32>
    %sin = rlx.rope_table sin {theta = 5.000000e+05 : f64} : tensor<4096x32xf32>
    %input_layernorm_weight = rlx.param "model.layers.0.input_layernorm.weight" : tensor<512xf32>
    %normed = rlx.rms_norm %x gamma(%input_layernorm_weight) {eps = 1.000000e-05 : f64} : tensor<?x?x512xf32>
    %q_proj_weight = rlx.param "model.layers.0.self_attn.q_proj.weight" transposed : tensor<512x512xf32>
    %q = rlx.matmul %normed, %q_proj_weight : tensor<?x?x512xf32>, tensor<512x512xf32>
    %k_proj_weight = rlx.param "model.layers.0.self_attn.k_proj.weight" transposed : tensor<512x128xf32>
    %k = rlx.matmul %normed, %k_proj_weight : tensor<?x?x512xf32>, tensor<512x128xf32>
    %v_proj_weight = rlx.param "model.layers.0.self_attn.v_proj.weight" transposed : tensor<512x128xf32>
    %v = rlx.matmul %normed, %v_proj_weight : tensor<?x?x512xf32>, tensor<512x128xf32>
    %q_rot = rlx.rope %q, %cos, %sin {head_dim = 64 : i64, n_rot = 64 : i64} : tensor<?x?x512xf32>
    %k_rot = rlx.rope %k, %cos, %sin {head_dim = 64 : i64, n_rot = 64 : i64} : tensor<?x?x128xf32>
    %k_repeated = rlx.repeat_kv %k_rot {head_dim = 64 : i64, group = 4 : i64} : tensor<?x?x128xf32> -> tensor<?x?x512xf32>
    %v_repeated = rlx.repeat_kv %v {head_dim = 64 : i64, group = 4 : i64} : tensor<?x?x128xf32> -> tensor<?x?x512xf32>
    %attention = rlx.attention %q_rot, %k_repeated, %v_repeated mask(causal) {num_heads = 8 : i64, num_kv_heads = 8 : i64, head_dim = 64 : i64} : tensor<?x?x512xf32>, tensor<?x?x512xf32>
    %o_proj_weight = rlx.param "model.layers.0.self_attn.o_proj.weight" transposed : tensor<512x512xf32>
    %projected = rlx.matmul %attention, %o_proj_weight : tensor<?x?x512xf32>, tensor<512x512xf32>
    %residual = arith.addf %x, %projected : tensor<?x?x512xf32>
    %post_attention_layernorm_weight = rlx.param "model.layers.0.post_attention_layernorm.weight" : tensor<512xf32>
    %normed_1 = rlx.rms_norm %residual gamma(%post_attention_layernorm_weight) {eps = 1.000000e-05 : f64} : tensor<?x?x512xf32>
    %gate_proj_weight = rlx.param "model.layers.0.mlp.gate_proj.weight" transposed : tensor<512x1408xf32>
    %up_proj_weight = rlx.param "model.layers.0.mlp.up_proj.weight" transposed : tensor<512x1408xf32>
    %gate = rlx.matmul %normed_1, %gate_proj_weight : tensor<?x?x512xf32>, tensor<512x1408xf32>
    %up = rlx.matmul %normed_1, %up_proj_weight : tensor<?x?x512xf32>, tensor<512x1408xf32>
    %gated = rlx.glu %gate, %up activation(silu) : tensor<?x?x1408xf32>
    %down_proj_weight = rlx.param "model.layers.0.mlp.down_proj.weight" transposed : tensor<1408x512xf32>
    %down = rlx.matmul %gated, %down_proj_weight : tensor<?x?x1408xf32>, tensor<1408x512xf32>
    %residual_1 = arith.addf %residual, %down : tensor<?x?x512xf32>
    func.return %residual_1 : tensor<?x?x512xf32>
  }
}
