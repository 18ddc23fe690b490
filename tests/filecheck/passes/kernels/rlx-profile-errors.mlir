// RUN: not rlxc opt -p rlx-profile %s 2>&1 | filecheck %s

// CHECK: @f has no arguments for its threads: run rlx-share-work before this pass
func.func @f(%x: memref<4xf32>, %num_threads: index {rlx.num_threads}) {
  return
}
