// RUN: rlxc opt %s --split-input-file --verify-diagnostics

func.func @features_differ(%x: tensor<?x?x64xf32>, %w: tensor<3x63x24xf32>, %y: tensor<?x?x70xf32>, %s: tensor<?xf32>) {
  // expected-error@+1 {{dimension 'in_features' is 63 here, but 64 in an earlier operand}}
  %0, %1 = kernel.matmul %x, %w outs(%y, %s) : tensor<?x?x64xf32>, tensor<3x63x24xf32>, tensor<?x?x70xf32>, tensor<?xf32> -> tensor<?x?x70xf32>, tensor<?xf32>
  func.return
}

// -----

func.func @half_bufferized(%x: memref<?x?x64xf32>, %w: tensor<3x64x24xf32>, %y: memref<?x?x70xf32>, %s: memref<?xf32>) {
  // expected-error@+1 {{takes either tensors or memrefs, not both}}
  kernel.matmul %x, %w outs(%y, %s) : memref<?x?x64xf32>, tensor<3x64x24xf32>, memref<?x?x70xf32>, memref<?xf32>
  func.return
}

// -----

func.func @no_results(%x: tensor<?x?x64xf32>, %w: tensor<3x64x24xf32>, %y: tensor<?x?x70xf32>, %s: tensor<?xf32>) {
  // expected-error@+1 {{its results are its destinations where these are tensors, else there are none}}
  kernel.matmul %x, %w outs(%y, %s) : tensor<?x?x64xf32>, tensor<3x64x24xf32>, tensor<?x?x70xf32>, tensor<?xf32>
  func.return
}

// -----

func.func @too_few_panels(%x: memref<?x?x64xf32>, %w: memref<3x64x24xf32>, %y: memref<?x?x73xf32>, %s: memref<?xf32>) {
  // expected-error@+1 {{73 columns need 4 panels of width 24, got 3}}
  kernel.matmul %x, %w outs(%y, %s) : memref<?x?x64xf32>, memref<3x64x24xf32>, memref<?x?x73xf32>, memref<?xf32>
  func.return
}

// -----

func.func @gate_without_up(%x: memref<?x?x64xf32>, %w: memref<3x64x24xf32>, %y: memref<?x?x70xf32>, %s: memref<?xf32>) {
  // expected-error@+1 {{70 columns need 6 panels of width 24, got 3}}
  kernel.matmul %x, %w gated outs(%y, %s) : memref<?x?x64xf32>, memref<3x64x24xf32>, memref<?x?x70xf32>, memref<?xf32>
  func.return
}

// -----

func.func @gated_with_bias(%x: memref<?x?x64xf32>, %w: memref<6x64x24xf32>, %b: memref<70xf32>, %y: memref<?x?x70xf32>, %s: memref<?xf32>) {
  // expected-error@+1 {{a gated projection has no bias}}
  kernel.matmul %x, %w gated bias(%b) outs(%y, %s) : memref<?x?x64xf32>, memref<6x64x24xf32>, memref<?x?x70xf32>, memref<?xf32>
  func.return
}

// -----

func.func @heads(%q: memref<?x?x64xf32>, %k: memref<?x?x16xf32>, %n: index, %y: memref<?x?x64xf32>, %s: memref<?xf32>) {
  // expected-error@+1 {{k has 16 features, but num_kv_heads = 2 heads of head_dim = 16 have 32}}
  kernel.attention %q, %k, %k mask(none) kv_length(%n) query_offset(%n) outs(%y, %s)
    {num_heads = 4, num_kv_heads = 2, head_dim = 16, scale = 0.25 : f64}
    : memref<?x?x64xf32>, memref<?x?x16xf32>, memref<?x?x16xf32>, memref<?x?x64xf32>, memref<?xf32>
  func.return
}

// -----

func.func @call_without_results(%x: tensor<?x?x64xf32>, %y: tensor<?x?x64xf32>) {
  // expected-error@+1 {{its results are its destinations where these are tensors, else there are none}}
  kernel.call @layer(%x) outs(%y) : (tensor<?x?x64xf32>), (tensor<?x?x64xf32>)
  func.return
}

// -----

func.func @panels_of_experts(%x: memref<?x?x64xf32>, %g: memref<?x?x8xf32>, %w: memref<16x64x24xf32>, %d: memref<23x20x24xf32>, %s: memref<?xf32>) {
  // expected-error@+1 {{8 experts need 24 panels of width 24 in down, got 23}}
  kernel.moe %x, %g, %w, %d activation(silu) outs(%x, %s) {top_k = 2} : memref<?x?x64xf32>, memref<?x?x8xf32>, memref<16x64x24xf32>, memref<23x20x24xf32>, memref<?x?x64xf32>, memref<?xf32>
  func.return
}

// -----

func.func @panels_of_gate_without_up(%x: memref<?x?x64xf32>, %g: memref<?x?x8xf32>, %w: memref<8x64x24xf32>, %d: memref<24x20x24xf32>, %s: memref<?xf32>) {
  // expected-error@+1 {{8 experts need 16 panels of width 24 in gate_up, got 8}}
  kernel.moe %x, %g, %w, %d activation(silu) outs(%x, %s) {top_k = 2} : memref<?x?x64xf32>, memref<?x?x8xf32>, memref<8x64x24xf32>, memref<24x20x24xf32>, memref<?x?x64xf32>, memref<?xf32>
  func.return
}

// -----

func.func @more_than_all_experts(%x: memref<?x?x64xf32>, %g: memref<?x?x8xf32>, %w: memref<16x64x24xf32>, %d: memref<24x20x24xf32>, %s: memref<?xf32>) {
  // expected-error@+1 {{cannot choose top_k = 9 of 8 experts}}
  kernel.moe %x, %g, %w, %d activation(silu) outs(%x, %s) {top_k = 9} : memref<?x?x64xf32>, memref<?x?x8xf32>, memref<16x64x24xf32>, memref<24x20x24xf32>, memref<?x?x64xf32>, memref<?xf32>
  func.return
}
