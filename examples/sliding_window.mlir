builtin.module {
  func.func @sliding_window(%x: tensor<?x?x512xf32> {rlx.name = "x", rlx.dims = ["B", "S"]}, %mask: tensor<?x?xi1> {rlx.name = "mask", rlx.dims = ["B", "S"]}) -> tensor<?x?x512xf32> {
    %cos = rlx.rope_table cos {theta = 1.000000e+04 : f64} : tensor<4096x32xf32>
    %sin = rlx.rope_table sin {theta = 1.000000e+04 : f64} : tensor<4096x32xf32>
    %q_proj_weight = rlx.param "model.layers.0.self_attn.q_proj.weight" transposed : tensor<512x512xf32>
    %q = rlx.matmul %x, %q_proj_weight : tensor<?x?x512xf32>, tensor<512x512xf32>
    %k_proj_weight = rlx.param "model.layers.0.self_attn.k_proj.weight" transposed : tensor<512x128xf32>
    %k = rlx.matmul %x, %k_proj_weight : tensor<?x?x512xf32>, tensor<512x128xf32>
    %v_proj_weight = rlx.param "model.layers.0.self_attn.v_proj.weight" transposed : tensor<512x128xf32>
    %v = rlx.matmul %x, %v_proj_weight : tensor<?x?x512xf32>, tensor<512x128xf32>
    %q_rot = rlx.rope %q, %cos, %sin {head_dim = 64 : i64, n_rot = 64 : i64} : tensor<?x?x512xf32>
    %k_rot = rlx.rope %k, %cos, %sin {head_dim = 64 : i64, n_rot = 64 : i64} : tensor<?x?x128xf32>
    %k_repeated = rlx.repeat_kv %k_rot {head_dim = 64 : i64, group = 4 : i64} : tensor<?x?x128xf32> -> tensor<?x?x512xf32>
    %v_repeated = rlx.repeat_kv %v {head_dim = 64 : i64, group = 4 : i64} : tensor<?x?x128xf32> -> tensor<?x?x512xf32>
    %attention = rlx.attention %q_rot, %k_repeated, %v_repeated mask(sliding<128>) padding(%mask) {num_heads = 8 : i64, num_kv_heads = 8 : i64, head_dim = 64 : i64} : tensor<?x?x512xf32>, tensor<?x?x512xf32>
    %o_proj_weight = rlx.param "model.layers.0.self_attn.o_proj.weight" transposed : tensor<512x512xf32>
    %projected = rlx.matmul %attention, %o_proj_weight : tensor<?x?x512xf32>, tensor<512x512xf32>
    func.return %projected : tensor<?x?x512xf32>
  }
}
