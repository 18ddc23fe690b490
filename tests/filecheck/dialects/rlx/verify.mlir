// RUN: rlxc opt %s --split-input-file --verify-diagnostics

func.func @inner_sizes_differ(%x: tensor<1x?x64xf32>, %w: tensor<63x64xf32>) {
  // expected-error@+1 {{dimension 'in_features' is 63 here, but 64 in an earlier operand}}
  %y = rlx.matmul %x, %w : tensor<1x?x64xf32>, tensor<63x64xf32>
  func.return
}

// -----

func.func @integers_do_not_multiply(%x: tensor<1x?x64xi32>, %w: tensor<64x64xi32>) {
  // expected-error@+1 {{the element type must be f32 or f64}}
  %y = rlx.matmul %x, %w : tensor<1x?x64xi32>, tensor<64x64xi32>
  func.return
}

// -----

func.func @rank(%x: tensor<1x64xf32>, %w: tensor<64x64xf32>) {
  // expected-error@+1 {{expected a tensor of rank 3, [batch, seq, in_features], got rank 2}}
  %y = rlx.matmul %x, %w : tensor<1x64xf32>, tensor<64x64xf32>
  func.return
}

// -----

func.func @misspelt_attribute(%x: tensor<1x?x64xf32>) {
  // expected-error@+1 {{has no attribute 'ofset'; did you mean 'offset'?}}
  %y = rlx.rms_norm %x {eps = 1.0e-6 : f64, ofset = 1.0 : f64} : tensor<1x?x64xf32>
  func.return
}

// -----

func.func @split_sizes(%x: tensor<1x?x64xf32>) {
  // expected-error@+1 {{sizes add up to 48, but x has 64 features}}
  %a, %b = rlx.split %x sizes [32, 16] : tensor<1x?x64xf32> -> tensor<1x?x32xf32>, tensor<1x?x16xf32>
  func.return
}

// -----

func.func @odd_n_rot(%x: tensor<1x?x64xf32>, %t: tensor<9x3xf32>) {
  // expected-error@+1 {{n_rot must be even, got 7}}
  %y = rlx.rope %x, %t, %t {head_dim = 16, n_rot = 7} : tensor<1x?x64xf32>
  func.return
}

// -----

func.func @n_rot_wider_than_a_head(%x: tensor<1x?x64xf32>, %t: tensor<9x16xf32>) {
  // expected-error@+1 {{n_rot = 32 is more than head_dim = 16}}
  %y = rlx.rope %x, %t, %t {head_dim = 16, n_rot = 32} : tensor<1x?x64xf32>
  func.return
}

// -----

func.func @table_width(%x: tensor<1x?x64xf32>, %t: tensor<9x16xf32>) {
  // expected-error@+1 {{n_rot = 16 needs rope tables of width 8, got 16}}
  %y = rlx.rope %x, %t, %t {head_dim = 16, n_rot = 16} : tensor<1x?x64xf32>
  func.return
}

// -----

func.func @tables_too_short(%x: tensor<1x10x64xf32>, %t: tensor<9x8xf32>) {
  // expected-error@+1 {{x has 10 positions, but the rope tables hold 9}}
  %y = rlx.rope %x, %t, %t {head_dim = 16, n_rot = 16} : tensor<1x10x64xf32>
  func.return
}

// -----

func.func @broken_heads(%x: tensor<1x?x60xf32>, %t: tensor<9x8xf32>) {
  // expected-error@+1 {{x has 60 features, which is not a whole number of heads of head_dim = 16}}
  %y = rlx.rope %x, %t, %t {head_dim = 16, n_rot = 16} : tensor<1x?x60xf32>
  func.return
}

// -----

func.func @group_and_result(%x: tensor<1x?x32xf32>) {
  // expected-error@+1 {{group = 2 makes 64 features of 32, not 96}}
  %y = rlx.repeat_kv %x {head_dim = 16, group = 2} : tensor<1x?x32xf32> -> tensor<1x?x96xf32>
  func.return
}

// -----

func.func @query_heads(%q: tensor<1x?x64xf32>, %k: tensor<1x?x32xf32>) {
  // expected-error@+1 {{q has 64 features, but num_heads = 8 heads of head_dim = 16 have 128}}
  %o = rlx.attention %q, %k, %k {num_heads = 8, num_kv_heads = 2, head_dim = 16} : tensor<1x?x64xf32>, tensor<1x?x32xf32>
  func.return
}

// -----

func.func @key_heads(%q: tensor<1x?x64xf32>, %k: tensor<1x?x32xf32>) {
  // expected-error@+1 {{k has 32 features, but num_kv_heads = 4 heads of head_dim = 16 have 64}}
  %o = rlx.attention %q, %k, %k {num_heads = 4, num_kv_heads = 4, head_dim = 16} : tensor<1x?x64xf32>, tensor<1x?x32xf32>
  func.return
}

// -----

func.func @unequal_groups(%q: tensor<1x?x64xf32>, %k: tensor<1x?x48xf32>) {
  // expected-error@+1 {{num_heads = 4 is not a multiple of num_kv_heads = 3}}
  %o = rlx.attention %q, %k, %k {num_heads = 4, num_kv_heads = 3, head_dim = 16} : tensor<1x?x64xf32>, tensor<1x?x48xf32>
  func.return
}

// -----

func.func @rope_without_n_rot(%q: tensor<1x?x64xf32>, %t: tensor<9x8xf32>) {
  // expected-error@+1 {{rope needs the attribute n_rot}}
  %o = rlx.attention %q, %q, %q rope(%t, %t) {num_heads = 4, num_kv_heads = 4, head_dim = 16} : tensor<1x?x64xf32>, tensor<1x?x64xf32>
  func.return
}

// -----

func.func @n_rot_without_rope(%q: tensor<1x?x64xf32>) {
  // expected-error@+1 {{n_rot is given without rope tables}}
  %o = rlx.attention %q, %q, %q {num_heads = 4, num_kv_heads = 4, head_dim = 16, n_rot = 16} : tensor<1x?x64xf32>, tensor<1x?x64xf32>
  func.return
}

// -----

func.func @softcap_below_zero(%q: tensor<1x?x64xf32>) {
  // expected-error@+1 {{softcap must be positive, got -1.0}}
  %o = rlx.attention %q, %q, %q {num_heads = 4, num_kv_heads = 4, head_dim = 16, softcap = -1.0 : f64} : tensor<1x?x64xf32>, tensor<1x?x64xf32>
  func.return
}

// -----

func.func @bias_heads(%q: tensor<1x?x64xf32>, %b: tensor<1x2x?x?xf32>) {
  // expected-error@+1 {{bias has 2 heads, expected 1 or num_heads = 4}}
  %o = rlx.attention %q, %q, %q bias(%b) {num_heads = 4, num_kv_heads = 4, head_dim = 16} : tensor<1x?x64xf32>, tensor<1x?x64xf32>
  func.return
}

// -----

func.func @gain_width(%q: tensor<1x?x64xf32>, %g: tensor<8xf32>) {
  // expected-error@+1 {{k_gain has 8 components, but head_dim = 16}}
  %o = rlx.attention %q, %q, %q k_gain(%g) {num_heads = 4, num_kv_heads = 4, head_dim = 16} : tensor<1x?x64xf32>, tensor<1x?x64xf32>
  func.return
}

// -----

func.func @norm_width(%x: tensor<1x?x64xf32>, %g: tensor<32xf32>) {
  // expected-error@+1 {{gamma has 32 components, but x has 64}}
  %y = rlx.rms_norm %x gamma(%g) {eps = 1.0e-6 : f64} : tensor<1x?x64xf32>
  func.return
}

// -----

func.func @head_norm_width(%x: tensor<1x?x64xf32>, %g: tensor<32xf32>) {
  // expected-error@+1 {{gamma has 32 components, but head_dim is 16}}
  %y = rlx.rms_norm %x gamma(%g) {eps = 1.0e-6 : f64, head_dim = 16} : tensor<1x?x64xf32>
  func.return
}

// -----

func.func @offset_of_nothing(%x: tensor<1x?x64xf32>) {
  // expected-error@+1 {{offset is given without gamma}}
  %y = rlx.rms_norm %x {eps = 1.0e-6 : f64, offset = 1.0 : f64} : tensor<1x?x64xf32>
  func.return
}

// -----

func.func @negative_eps(%x: tensor<1x?x64xf32>) {
  // expected-error@+1 {{eps must not be negative, got -1.0}}
  %y = rlx.rms_norm %x {eps = -1.0 : f64} : tensor<1x?x64xf32>
  func.return
}

// -----

func.func @infinite_eps(%x: tensor<1x?x64xf32>) {
  // expected-error@+1 {{'eps' must be a finite number}}
  %y = rlx.rms_norm %x {eps = 0x7FF0000000000000 : f64} : tensor<1x?x64xf32>
  func.return
}

// -----

func.func @ids_are_whole_numbers(%table: tensor<9x64xf32>, %ids: tensor<1x?xf32>) {
  // expected-error@+1 {{token ids must be i32 or i64}}
  %y = rlx.embed %table, %ids : tensor<9x64xf32>, tensor<1x?xf32>
  func.return
}

// -----

func.func @cache_too_small(%cache: tensor<1x4x32xf32>, %new: tensor<1x5x32xf32>, %p: index) {
  // expected-error@+1 {{5 new rows do not fit into a cache of 4}}
  %y = rlx.kv_append %cache, %new position(%p) : tensor<1x4x32xf32>, tensor<1x5x32xf32>
  func.return
}

// -----

func.func @same_key_twice() {
  // expected-error@+1 {{names the same key twice}}
  %w = rlx.param "w", "w" : tensor<8xf32>
  func.return
}

// -----

func.func @weight_of_unknown_size() {
  // expected-error@+1 {{a weight has a static shape}}
  %w = rlx.param "w" : tensor<?xf32>
  func.return
}

// -----

func.func @transposed_vector() {
  // expected-error@+1 {{'transposed' needs a weight of rank 2, got rank 1}}
  %w = rlx.param "w" transposed : tensor<8xf32>
  func.return
}

// -----

func.func @unknown_mask(%q: tensor<1x?x64xf32>) {
  // expected-error@+1 {{Expected `none`, `causal`, or `sliding`.}}
  %o = rlx.attention %q, %q, %q mask(casual) {num_heads = 4, num_kv_heads = 4, head_dim = 16} : tensor<1x?x64xf32>, tensor<1x?x64xf32>
  func.return
}

// -----

func.func @empty_window(%q: tensor<1x?x64xf32>) {
  // expected-error@+1 {{a sliding window must hold at least 1 key}}
  %o = rlx.attention %q, %q, %q mask(sliding<0>) {num_heads = 4, num_kv_heads = 4, head_dim = 16} : tensor<1x?x64xf32>, tensor<1x?x64xf32>
  func.return
}

// -----

func.func @undefined_table(%q: tensor<1x?x64xf32>, %t: tensor<9x8xf32>) {
  // expected-error@+1 {{%u must be defined before it is used here}}
  %o = rlx.attention %q, %q, %q rope(%t, %u) {num_heads = 4, num_kv_heads = 4, head_dim = 16, n_rot = 16} : tensor<1x?x64xf32>, tensor<1x?x64xf32>
  func.return
}

// -----

func.func @gate_and_up_of_another_width(%x: tensor<1x?x64xf32>, %w: tensor<64x96xf32>) {
  // expected-error@+1 {{the weight has 96 columns, but gate and up of 96 features each}}
  %y = rlx.glu_matmul %x, %w activation(silu) : tensor<1x?x64xf32>, tensor<64x96xf32> -> tensor<1x?x96xf32>
  func.return
}

// -----

func.func @any_gate_and_up(%x: tensor<1x?x64xf32>, %w: tensor<64x?xf32>) {
  // expected-error@+1 {{the weight must have a static number of columns, half of them the gate}}
  %y = rlx.glu_matmul %x, %w activation(silu) : tensor<1x?x64xf32>, tensor<64x?xf32> -> tensor<1x?x?xf32>
  func.return
}

// -----

func.func @inputs_of_another_gate(%x: tensor<1x?x64xf32>, %w: tensor<63x96xf32>) {
  // expected-error@+1 {{dimension 'in_features' is 63 here, but 64 in an earlier operand}}
  %y = rlx.glu_matmul %x, %w activation(silu) : tensor<1x?x64xf32>, tensor<63x96xf32> -> tensor<1x?x48xf32>
  func.return
}

// -----

func.func @too_few_positions(%x: tensor<1x9x64xf32>, %t: tensor<8x64xf32>) {
  // expected-error@+1 {{x has 9 positions, but the table holds 8}}
  %y = rlx.position_embed %x, %t : tensor<1x9x64xf32>, tensor<8x64xf32>
  func.return
}

// -----

func.func @more_than_all_experts(%l: tensor<1x?x4xf32>) {
  // expected-error@+1 {{cannot choose top_k = 5 of 4 experts}}
  %g = rlx.route %l {top_k = 5} : tensor<1x?x4xf32>
  func.return
}

// -----

func.func @any_number_of_experts(%l: tensor<1x4x?xf32>) {
  // expected-error@+1 {{the number of experts must be static}}
  %g = rlx.route %l {top_k = 1} : tensor<1x4x?xf32>
  func.return
}

// -----

func.func @gate_up_columns(%x: tensor<1x?x8xf32>, %g: tensor<1x?x4xf32>, %w: tensor<8x12xf32>, %d: tensor<3x32xf32>) {
  // expected-error@+1 {{gate_up has 12 columns, but 4 experts of 6 each have 24}}
  %y = rlx.moe %x, %g, %w, %d activation(silu) : tensor<1x?x8xf32>, tensor<1x?x4xf32>, tensor<8x12xf32>, tensor<3x32xf32>
  func.return
}

// -----

func.func @down_columns(%x: tensor<1x?x8xf32>, %g: tensor<1x?x4xf32>, %w: tensor<8x24xf32>, %d: tensor<3x8xf32>) {
  // expected-error@+1 {{down has 8 columns, but 4 experts of 8 each have 32}}
  %y = rlx.moe %x, %g, %w, %d activation(silu) : tensor<1x?x8xf32>, tensor<1x?x4xf32>, tensor<8x24xf32>, tensor<3x8xf32>
  func.return
}

// -----

func.func @any_width(%x: tensor<1x?x8xf32>, %g: tensor<1x?x4xf32>, %w: tensor<8x24xf32>, %d: tensor<?x32xf32>) {
  // expected-error@+1 {{the weights must have a static shape}}
  %y = rlx.moe %x, %g, %w, %d activation(silu) : tensor<1x?x8xf32>, tensor<1x?x4xf32>, tensor<8x24xf32>, tensor<?x32xf32>
  func.return
}
