// RUN: rlxc opt -p 'rlx-bufferize{arena=false}' %s | filecheck %s

!x = tensor<2x4x64xf32>
!panels = tensor<3x64x24xf32>
!workspace = tensor<?xf32>

// The residual is read where the result is written, so that both are one array: here the caller's.
// CHECK-LABEL: func.func @residual_in_place(%x: memref<2x4x64xf32>, %p: memref<3x64x24xf32>, %n: index, %b: memref<2x4x64xf32>)
// CHECK: kernel.matmul %x, %p outs(%b, %{{.*}})
// CHECK: kernel.matmul %x, %p residual(%b) outs(%b, %{{.*}})
// CHECK-NOT: memref.copy
func.func @residual_in_place(%x: !x, %p: !panels, %n: index) -> !x {
  %e = tensor.empty() : !x
  %v = tensor.empty(%n) : !workspace
  %a, %v2 = kernel.matmul %x, %p outs(%e, %v) : !x, !panels, !x, !workspace -> !x, !workspace
  %f = tensor.empty() : !x
  %w = tensor.empty(%n) : !workspace
  %b, %w2 = kernel.matmul %x, %p residual(%a) outs(%f, %w) : !x, !panels, !x, !workspace -> !x, !workspace
  func.return %b : !x
}

// What is projected is read as a whole.
// CHECK-LABEL: func.func @residual_is_projected
// CHECK: kernel.matmul %a, %p residual(%a) outs(%b, %{{.*}})
func.func @residual_is_projected(%x: !x, %p: !panels, %n: index) -> !x {
  %e = tensor.empty() : !x
  %v = tensor.empty(%n) : !workspace
  %a, %v2 = kernel.matmul %x, %p outs(%e, %v) : !x, !panels, !x, !workspace -> !x, !workspace
  %f = tensor.empty() : !x
  %w = tensor.empty(%n) : !workspace
  %b, %w2 = kernel.matmul %a, %p residual(%a) outs(%f, %w) : !x, !panels, !x, !workspace -> !x, !workspace
  func.return %b : !x
}

// CHECK-LABEL: func.func @residual_is_needed_later
// CHECK: kernel.matmul %x, %p outs(%a, %{{.*}})
// CHECK: kernel.matmul %x, %p residual(%a) outs(%b, %{{.*}})
func.func @residual_is_needed_later(%x: !x, %p: !panels, %n: index) -> (!x, !x) {
  %e = tensor.empty() : !x
  %v = tensor.empty(%n) : !workspace
  %a, %v2 = kernel.matmul %x, %p outs(%e, %v) : !x, !panels, !x, !workspace -> !x, !workspace
  %f = tensor.empty() : !x
  %w = tensor.empty(%n) : !workspace
  %b, %w2 = kernel.matmul %x, %p residual(%a) outs(%f, %w) : !x, !panels, !x, !workspace -> !x, !workspace
  func.return %a, %b : !x, !x
}

// An argument is never written.
// CHECK-LABEL: func.func @residual_is_an_argument
// CHECK: kernel.matmul %x, %p residual(%r) outs(%b, %{{.*}})
func.func @residual_is_an_argument(%x: !x, %r: !x, %p: !panels, %n: index) -> !x {
  %f = tensor.empty() : !x
  %w = tensor.empty(%n) : !workspace
  %b, %w2 = kernel.matmul %x, %p residual(%r) outs(%f, %w) : !x, !panels, !x, !workspace -> !x, !workspace
  func.return %b : !x
}
