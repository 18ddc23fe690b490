// RUN: rlxc opt -p rlx-fuse-epilogue --remarks --verify-diagnostics %s | filecheck %s

!x = tensor<1x8x64xf32>
!any = tensor<?x?x64xf32>
!w = tensor<64x64xf32>
!b = tensor<64xf32>

// The residual is computed after the product, which moves.
// CHECK-LABEL: func.func @residual
// CHECK-NEXT: %r = rlx.softcap %x
// CHECK-NEXT: %y = rlx.matmul %x, %w residual(%r) : tensor<1x8x64xf32>, tensor<64x64xf32>
// CHECK-NEXT: func.return %y
func.func @residual(%x: !x, %w: !w) -> !x {
  %p = rlx.matmul %x, %w : !x, !w
  %r = rlx.softcap %x {cap = 30.0 : f64} : !x
  // expected-remark@below {{fused: adds the residual itself; 2048 bytes of products are not written and read again}}
  %y = arith.addf %r, %p : !x
  func.return %y : !x
}

// CHECK-LABEL: func.func @product_first
// CHECK-NEXT: %y = rlx.matmul %x, %w bias(%b) activation(silu) residual(%r)
// CHECK-NEXT: func.return %y, %r
func.func @product_first(%x: !any, %w: !w, %b: !b, %r: !any) -> (!any, !any) {
  %p = rlx.matmul %x, %w bias(%b) activation(silu) : !any, !w
  // expected-remark@below {{fused: adds the residual itself; 256 bytes a token of products}}
  %y = arith.addf %p, %r : !any
  func.return %y, %r : !any, !any
}

// CHECK-LABEL: func.func @two_products
// CHECK-NEXT: %p = rlx.matmul %x, %w
// CHECK-NEXT: rlx.matmul %x, %v residual(%p)
func.func @two_products(%x: !x, %w: !w, %v: !w) -> !x {
  %p = rlx.matmul %x, %w : !x, !w
  %q = rlx.matmul %x, %v : !x, !w
  // expected-remark@below {{fused: adds the residual itself}}
  %y = arith.addf %p, %q : !x
  func.return %y : !x
}

// The second product is needed elsewhere, so it becomes the residual of the first.
// CHECK-LABEL: func.func @second_product_is_returned
// CHECK-NEXT: %q = rlx.matmul %x, %v
// CHECK-NEXT: %y = rlx.matmul %x, %w residual(%q)
// CHECK-NEXT: func.return %y, %q
func.func @second_product_is_returned(%x: !x, %w: !w, %v: !w) -> (!x, !x) {
  %p = rlx.matmul %x, %w : !x, !w
  %q = rlx.matmul %x, %v : !x, !w
  // expected-remark@below {{fused: adds the residual itself}}
  %y = arith.addf %p, %q : !x
  func.return %y, %q : !x, !x
}

// CHECK-LABEL: func.func @bias_and_residual
// CHECK: rlx.matmul %x, %w bias(%b) residual(%r)
func.func @bias_and_residual(%x: !x, %w: !w, %b: !b, %r: !x) -> !x {
  %init = tensor.empty() : !x
  %rows = linalg.broadcast ins(%b : !b) outs(%init : !x) dimensions = [0, 1]
  %p = rlx.matmul %x, %w : !x, !w
  // expected-remark@below {{fused: adds the bias itself; 2048 bytes of products}}
  %s = arith.addf %p, %rows : !x
  // expected-remark@below {{fused: adds the residual itself; 2048 bytes of products}}
  %y = arith.addf %s, %r : !x
  func.return %y : !x
}

// A row for each batch is no bias.
// CHECK-LABEL: func.func @row_of_a_batch
// CHECK: rlx.matmul %x, %w residual(%rows)
func.func @row_of_a_batch(%x: !x, %w: !w, %b: tensor<1x64xf32>) -> !x {
  %init = tensor.empty() : !x
  %rows = linalg.broadcast ins(%b : tensor<1x64xf32>) outs(%init : !x) dimensions = [1]
  %p = rlx.matmul %x, %w : !x, !w
  // expected-remark@below {{fused: adds the residual itself}}
  %s = arith.addf %p, %rows : !x
  func.return %s : !x
}

// CHECK-LABEL: func.func @sum_of_no_product
// CHECK: arith.addf
func.func @sum_of_no_product(%x: !x, %r: !x) -> !x {
  %y = arith.addf %x, %r : !x
  func.return %y : !x
}

// CHECK-LABEL: func.func @product_is_returned
// CHECK: arith.addf
func.func @product_is_returned(%x: !x, %w: !w, %r: !x) -> (!x, !x) {
  %p = rlx.matmul %x, %w : !x, !w
  // expected-remark@below {{missed: the product has another user, and would be computed twice}}
  %y = arith.addf %r, %p : !x
  func.return %y, %p : !x, !x
}

// CHECK-LABEL: func.func @residual_depends_on_the_product
// CHECK: arith.addf
func.func @residual_depends_on_the_product(%x: !x, %w: !w) -> !x {
  %p = rlx.matmul %x, %w : !x, !w
  %r = rlx.softcap %p {cap = 30.0 : f64} : !x
  // expected-remark@below {{missed: the product has another user, and would be computed twice}}
  %y = arith.addf %r, %p : !x
  func.return %y : !x
}

// CHECK-LABEL: func.func @product_twice
// CHECK: arith.addf
func.func @product_twice(%x: !x, %w: !w) -> !x {
  %p = rlx.matmul %x, %w : !x, !w
  // expected-remark@below {{missed: the product is added to itself}}
  %y = arith.addf %p, %p : !x
  func.return %y : !x
}

// CHECK-LABEL: func.func @two_residuals
// CHECK: rlx.matmul %x, %w residual(%r)
// CHECK-NEXT: arith.addf
func.func @two_residuals(%x: !x, %w: !w, %r: !x, %s: !x) -> !x {
  %p = rlx.matmul %x, %w residual(%r) : !x, !w
  // expected-remark@below {{missed: the matmul adds a residual already}}
  %y = arith.addf %s, %p : !x
  func.return %y : !x
}

// CHECK-LABEL: func.func @bias_after_the_residual
// CHECK: arith.addf
func.func @bias_after_the_residual(%x: !x, %w: !w, %r: !x, %b: !b) -> !x {
  %init = tensor.empty() : !x
  %rows = linalg.broadcast ins(%b : !b) outs(%init : !x) dimensions = [0, 1]
  %p = rlx.matmul %x, %w residual(%r) : !x, !w
  // expected-remark@below {{missed: the matmul adds a residual already, which comes after its bias}}
  %y = arith.addf %p, %rows : !x
  func.return %y : !x
}

// CHECK-LABEL: func.func @bias_after_the_activation
// CHECK: arith.addf
func.func @bias_after_the_activation(%x: !x, %w: !w, %b: !b) -> !x {
  %init = tensor.empty() : !x
  %rows = linalg.broadcast ins(%b : !b) outs(%init : !x) dimensions = [0, 1]
  %p = rlx.matmul %x, %w activation(silu) : !x, !w
  // expected-remark@below {{missed: the matmul has an activation already, which comes after its bias}}
  %y = arith.addf %p, %rows : !x
  func.return %y : !x
}

// CHECK-LABEL: func.func @two_biases
// CHECK: arith.addf
func.func @two_biases(%x: !x, %w: !w, %b: !b, %c: !b) -> !x {
  %init = tensor.empty() : !x
  %rows = linalg.broadcast ins(%b : !b) outs(%init : !x) dimensions = [0, 1]
  %p = rlx.matmul %x, %w bias(%c) : !x, !w
  // expected-remark@below {{missed: the matmul has a bias already}}
  %y = arith.addf %p, %rows : !x
  func.return %y : !x
}

// CHECK-LABEL: func.func @product_of_another_block
// CHECK: arith.addf
func.func @product_of_another_block(%x: !x, %w: !w, %r: !x, %c: i1) -> !x {
  %p = rlx.matmul %x, %w : !x, !w
  %y = scf.if %c -> (!x) {
    // expected-remark@below {{missed: the product is computed in another block, and might be computed more often here}}
    %s = arith.addf %p, %r : !x
    scf.yield %s : !x
  } else {
    scf.yield %r : !x
  }
  func.return %y : !x
}
