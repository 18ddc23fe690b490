// RUN: not rlxc opt %s -p 'convert-rlx-to-kernel{target=avx3}' 2>&1 | filecheck %s --check-prefix=TARGET
// TARGET: error: pass 'convert-rlx-to-kernel' failed: unknown kernel target 'avx3', use one of avx2, avx512, neon, scalar

// RUN: not rlxc opt %s -p 'convert-kernel-to-vector' 2>&1 | filecheck %s --check-prefix=TEAM
// TEAM: error: pass 'convert-kernel-to-vector' failed: @f has no arguments for its threads: run rlx-share-work before this pass
func.func @f(%x: memref<?x?x64xf32>, %w: memref<3x64x24xf32>, %y: memref<?x?x70xf32>, %workspace: memref<?xf32>) {
  kernel.matmul %x, %w outs(%y, %workspace) : memref<?x?x64xf32>, memref<3x64x24xf32>, memref<?x?x70xf32>, memref<?xf32>
  func.return
}
