// RUN: rlxc opt -p rlx-fuse-glu --remarks --verify-diagnostics %s | filecheck %s

!x = tensor<1x8x64xf32>
!any = tensor<?x?x64xf32>
!h = tensor<1x8x32xf32>
!w = tensor<64x64xf32>

// CHECK-LABEL: func.func @gate_and_up
// CHECK-NEXT: %h = rlx.glu_matmul %x, %w activation(silu) : tensor<1x8x64xf32>, tensor<64x64xf32> -> tensor<1x8x32xf32>
// CHECK-NEXT: func.return %h
func.func @gate_and_up(%x: !x, %w: !w) -> !h {
  %p = rlx.matmul %x, %w : !x, !w
  %gate, %up = rlx.split %p sizes [32, 32] : !x -> !h, !h
  // expected-remark@below {{fused: gates the projection itself; 2048 bytes of gate and up are not written and read again}}
  %h = rlx.glu %gate, %up activation(silu) : !h
  func.return %h : !h
}

// CHECK-LABEL: func.func @any_rows
// CHECK: %w = rlx.param "gate", "up" transposed
// CHECK-NEXT: rlx.glu_matmul %x, %w activation(gelu_tanh) : tensor<?x?x64xf32>, tensor<64x64xf32> -> tensor<?x?x32xf32>
func.func @any_rows(%x: !any) -> tensor<?x?x32xf32> {
  %w = rlx.param "gate", "up" transposed : !w
  %p = rlx.matmul %x, %w : !any, !w
  %gate, %up = rlx.split %p sizes [32, 32] : !any -> tensor<?x?x32xf32>, tensor<?x?x32xf32>
  // expected-remark@below {{fused: gates the projection itself; 256 bytes a token of gate and up}}
  %h = rlx.glu %gate, %up activation(gelu_tanh) : tensor<?x?x32xf32>
  func.return %h : tensor<?x?x32xf32>
}

// CHECK-LABEL: func.func @no_projection
// CHECK: rlx.glu %x, %y
func.func @no_projection(%x: !x, %y: !x) -> !x {
  %h = rlx.glu %x, %y activation(silu) : !x
  func.return %h : !x
}

// CHECK-LABEL: func.func @split_of_no_projection
// CHECK: rlx.glu %gate, %up
func.func @split_of_no_projection(%x: !x) -> !h {
  %gate, %up = rlx.split %x sizes [32, 32] : !x -> !h, !h
  %h = rlx.glu %gate, %up activation(silu) : !h
  func.return %h : !h
}

// CHECK-LABEL: func.func @two_projections
// CHECK: rlx.glu %gate, %up
func.func @two_projections(%x: !x, %w: !w, %v: !w) -> !x {
  %gate = rlx.matmul %x, %w : !x, !w
  %up = rlx.matmul %x, %v : !x, !w
  // expected-remark@below {{missed: gate and up are two projections; rlx-merge-projections makes them one if it can}}
  %h = rlx.glu %gate, %up activation(silu) : !x
  func.return %h : !x
}

// CHECK-LABEL: func.func @one_value
// CHECK: rlx.glu %p, %p
func.func @one_value(%x: !x, %w: !w) -> !x {
  %p = rlx.matmul %x, %w : !x, !w
  // expected-remark@below {{missed: gate and up are one value}}
  %h = rlx.glu %p, %p activation(silu) : !x
  func.return %h : !x
}

// CHECK-LABEL: func.func @one_part
// CHECK: rlx.glu %gate, %gate
func.func @one_part(%x: !x, %w: !w) -> !h {
  %p = rlx.matmul %x, %w : !x, !w
  %gate, %up = rlx.split %p sizes [32, 32] : !x -> !h, !h
  // expected-remark@below {{missed: gate and up are one value}}
  %h = rlx.glu %gate, %gate activation(silu) : !h
  func.return %h : !h
}

// CHECK-LABEL: func.func @two_splits
// CHECK: rlx.glu %gate, %up
func.func @two_splits(%x: !x, %w: !w) -> !h {
  %p = rlx.matmul %x, %w : !x, !w
  %gate, %b = rlx.split %p sizes [32, 32] : !x -> !h, !h
  %a, %up = rlx.split %p sizes [32, 32] : !x -> !h, !h
  // expected-remark@below {{missed: gate and up are parts of two splits}}
  %h = rlx.glu %gate, %up activation(silu) : !h
  func.return %h : !h
}

// CHECK-LABEL: func.func @up_first
// CHECK: rlx.glu %gate, %up
func.func @up_first(%x: !x, %w: !w) -> !h {
  %p = rlx.matmul %x, %w : !x, !w
  %up, %gate = rlx.split %p sizes [32, 32] : !x -> !h, !h
  // expected-remark@below {{missed: up comes before gate}}
  %h = rlx.glu %gate, %up activation(silu) : !h
  func.return %h : !h
}

// CHECK-LABEL: func.func @three_parts
// CHECK: rlx.glu %gate, %up
func.func @three_parts(%x: !x, %w: !w) -> tensor<1x8x16xf32> {
  %p = rlx.matmul %x, %w : !x, !w
  %gate, %up, %rest = rlx.split %p sizes [16, 16, 32] : !x -> tensor<1x8x16xf32>, tensor<1x8x16xf32>, !h
  // expected-remark@below {{missed: the projection has 3 parts, not gate and up alone}}
  %h = rlx.glu %gate, %up activation(silu) : tensor<1x8x16xf32>
  func.return %h : tensor<1x8x16xf32>
}

// CHECK-LABEL: func.func @gate_is_returned
// CHECK: rlx.glu %gate, %up
func.func @gate_is_returned(%x: !x, %w: !w) -> (!h, !h) {
  %p = rlx.matmul %x, %w : !x, !w
  %gate, %up = rlx.split %p sizes [32, 32] : !x -> !h, !h
  // expected-remark@below {{missed: the gate has another user, and would be computed twice}}
  %h = rlx.glu %gate, %up activation(silu) : !h
  func.return %h, %gate : !h, !h
}

// CHECK-LABEL: func.func @up_is_used
// CHECK: rlx.glu %gate, %up
func.func @up_is_used(%x: !x, %w: !w) -> !h {
  %p = rlx.matmul %x, %w : !x, !w
  %gate, %up = rlx.split %p sizes [32, 32] : !x -> !h, !h
  // expected-remark@below {{missed: up has another user, and would be computed twice}}
  %h = rlx.glu %gate, %up activation(silu) : !h
  %y = arith.addf %h, %up : !h
  func.return %y : !h
}

// CHECK-LABEL: func.func @product_is_returned
// CHECK: rlx.glu %gate, %up
func.func @product_is_returned(%x: !x, %w: !w) -> (!h, !x) {
  %p = rlx.matmul %x, %w : !x, !w
  %gate, %up = rlx.split %p sizes [32, 32] : !x -> !h, !h
  // expected-remark@below {{missed: the product has another user, and would be computed twice}}
  %h = rlx.glu %gate, %up activation(silu) : !h
  func.return %h, %p : !h, !x
}

// CHECK-LABEL: func.func @bias
// CHECK: rlx.glu %gate, %up
func.func @bias(%x: !x, %w: !w, %b: tensor<64xf32>) -> !h {
  %p = rlx.matmul %x, %w bias(%b) : !x, !w
  %gate, %up = rlx.split %p sizes [32, 32] : !x -> !h, !h
  // expected-remark@below {{missed: the projection has an epilogue (bias), a gated one has none}}
  %h = rlx.glu %gate, %up activation(silu) : !h
  func.return %h : !h
}

// CHECK-LABEL: func.func @activation
// CHECK: rlx.glu %gate, %up
func.func @activation(%x: !x, %w: !w) -> !h {
  %p = rlx.matmul %x, %w activation(relu) : !x, !w
  %gate, %up = rlx.split %p sizes [32, 32] : !x -> !h, !h
  // expected-remark@below {{missed: the projection has an epilogue (activation), a gated one has none}}
  %h = rlx.glu %gate, %up activation(silu) : !h
  func.return %h : !h
}

// CHECK-LABEL: func.func @residual
// CHECK: rlx.glu %gate, %up
func.func @residual(%x: !x, %w: !w) -> !h {
  %p = rlx.matmul %x, %w residual(%x) : !x, !w
  %gate, %up = rlx.split %p sizes [32, 32] : !x -> !h, !h
  // expected-remark@below {{missed: the projection has an epilogue (residual), a gated one has none}}
  %h = rlx.glu %gate, %up activation(silu) : !h
  func.return %h : !h
}

// CHECK-LABEL: func.func @product_of_another_block
// CHECK: rlx.glu %gate, %up
func.func @product_of_another_block(%x: !x, %w: !w, %other: !h, %c: i1) -> !h {
  %p = rlx.matmul %x, %w : !x, !w
  %gate, %up = rlx.split %p sizes [32, 32] : !x -> !h, !h
  %y = scf.if %c -> (!h) {
    // expected-remark@below {{missed: the product is computed in another block, and might be computed more often here}}
    %h = rlx.glu %gate, %up activation(silu) : !h
    scf.yield %h : !h
  } else {
    scf.yield %other : !h
  }
  func.return %y : !h
}
