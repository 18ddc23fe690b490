func.func @llama_attention(%x: tensor<?x?x64xf32> {rlx.dims = ["B", "S"]}) -> tensor<?x?x64xf32> {
  %cos = rlx.rope_table cos {theta = 500000.0 : f64} : tensor<128x8xf32>
  %sin = rlx.rope_table sin {theta = 500000.0 : f64} : tensor<128x8xf32>
  %gamma = rlx.param "input_layernorm.weight" : tensor<64xf32>
  %w_qkv = rlx.param "q_proj.weight", "k_proj.weight", "v_proj.weight" transposed : tensor<64x128xf32>
  %w_out = rlx.param "o_proj.weight" transposed : tensor<64x64xf32>
  %h = rlx.rms_norm %x gamma(%gamma) {eps = 1.0e-5 : f64} : tensor<?x?x64xf32>
  %qkv = rlx.matmul %h, %w_qkv : tensor<?x?x64xf32>, tensor<64x128xf32>
  %q, %k, %v = rlx.split %qkv sizes [64, 32, 32] : tensor<?x?x128xf32> -> tensor<?x?x64xf32>, tensor<?x?x32xf32>, tensor<?x?x32xf32>
  %attention = rlx.attention %q, %k, %v rope(%cos, %sin) mask(causal)
    {num_heads = 4, num_kv_heads = 2, head_dim = 16, n_rot = 16} : tensor<?x?x64xf32>, tensor<?x?x32xf32>
  %out = rlx.matmul %attention, %w_out residual(%x) : tensor<?x?x64xf32>, tensor<64x64xf32>
  func.return %out : tensor<?x?x64xf32>
}
