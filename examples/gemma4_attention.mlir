builtin.module {
  func.func @gemma4_attention(%x: tensor<?x?x512xf32> {rlx.name = "x", rlx.dims = ["B", "S"]}) -> tensor<?x?x512xf32> {
    %global_cos = rlx.rope_table cos {theta = 1.000000e+06 : f64} : tensor<4096x16xf32>
    %global_sin = rlx.rope_table sin {theta = 1.000000e+06 : f64} : tensor<4096x16xf32>
    %q_proj_weight = rlx.param "model.layers.5.self_attn.q_proj.weight" transposed : tensor<512x1024xf32>
    %q = rlx.matmul %x, %q_proj_weight : tensor<?x?x512xf32>, tensor<512x1024xf32>
    %k_proj_weight = rlx.param "model.layers.5.self_attn.k_proj.weight" transposed : tensor<512x128xf32>
    %k = rlx.matmul %x, %k_proj_weight : tensor<?x?x512xf32>, tensor<512x128xf32>
    %q_norm_weight = rlx.param "model.layers.5.self_attn.q_norm.weight" : tensor<128xf32>
    %q_normed = rlx.rms_norm %q gamma(%q_norm_weight) {eps = 1.000000e-06 : f64, head_dim = 128 : i64} : tensor<?x?x1024xf32>
    %v_normed = rlx.rms_norm %k {eps = 1.000000e-06 : f64, head_dim = 128 : i64} : tensor<?x?x128xf32>
    %k_norm_weight = rlx.param "model.layers.5.self_attn.k_norm.weight" : tensor<128xf32>
    %k_normed = rlx.rms_norm %k gamma(%k_norm_weight) {eps = 1.000000e-06 : f64, head_dim = 128 : i64} : tensor<?x?x128xf32>
    %q_rot = rlx.rope %q_normed, %global_cos, %global_sin {head_dim = 128 : i64, n_rot = 32 : i64} : tensor<?x?x1024xf32>
    %k_rot = rlx.rope %k_normed, %global_cos, %global_sin {head_dim = 128 : i64, n_rot = 32 : i64} : tensor<?x?x128xf32>
    %k_repeated = rlx.repeat_kv %k_rot {head_dim = 128 : i64, group = 8 : i64} : tensor<?x?x128xf32> -> tensor<?x?x1024xf32>
    %v_repeated = rlx.repeat_kv %v_normed {head_dim = 128 : i64, group = 8 : i64} : tensor<?x?x128xf32> -> tensor<?x?x1024xf32>
    %attention = rlx.attention %q_rot, %k_repeated, %v_repeated mask(causal) {num_heads = 8 : i64, num_kv_heads = 8 : i64, head_dim = 128 : i64, scale = 1.000000e+00 : f64, softcap = 5.000000e+01 : f64} : tensor<?x?x1024xf32>, tensor<?x?x1024xf32>
    %o_proj_weight = rlx.param "model.layers.5.self_attn.o_proj.weight" transposed : tensor<1024x512xf32>
    %projected = rlx.matmul %attention, %o_proj_weight : tensor<?x?x1024xf32>, tensor<1024x512xf32>
    func.return %projected : tensor<?x?x512xf32>
  }
}
