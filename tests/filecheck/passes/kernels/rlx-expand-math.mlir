// RUN: rlxc opt -p rlx-expand-math %s | filecheck %s
// RUN: rlxc opt -p rlx-expand-math %s | mlir-opt

// e^x: clamped, split into n and r, a polynomial of r, times 2^n in two steps.
// CHECK-LABEL: func.func @exp(%x: f32) -> f32 {
// CHECK:         %[[BELOW:.*]] = arith.minimumf %x, %{{.*}} : f32
// CHECK:         %[[X:.*]] = arith.maximumf %[[BELOW]], %{{.*}} : f32
// CHECK:         %[[SCALED:.*]] = arith.mulf %[[X]], %{{.*}} fastmath<contract> : f32
// CHECK:         %[[ROUNDED:.*]] = arith.addf %[[SCALED]], %{{.*}} fastmath<contract> : f32
// CHECK:         %[[WHOLE:.*]] = arith.subf %[[ROUNDED]], %{{.*}} fastmath<contract> : f32
// CHECK-COUNT-7: arith.addf %{{.*}} fastmath<contract> : f32
// CHECK:         %[[HALF:.*]] = arith.mulf %[[WHOLE]], %{{.*}} fastmath<contract> : f32
// CHECK:         arith.shli %{{.*}} : i32
// CHECK:         %[[SCALE:.*]] = arith.bitcast %{{.*}} : i32 to f32
// CHECK-NEXT:    %[[ONCE:.*]] = arith.mulf %{{.*}}, %[[SCALE]] fastmath<contract> : f32
// CHECK:         arith.shli %{{.*}} : i32
// CHECK:         %[[REST:.*]] = arith.bitcast %{{.*}} : i32 to f32
// CHECK-NEXT:    %y = arith.mulf %[[ONCE]], %[[REST]] fastmath<contract> : f32
// CHECK-NEXT:    func.return %y : f32
func.func @exp(%x: f32) -> f32 {
  %y = math.exp %x : f32
  return %y : f32
}

// The same on vectors.
// CHECK-LABEL: func.func @vectors(
// CHECK-NOT:     math.
// CHECK:         arith.minimumf %a, %{{.*}} : vector<8xf32>
// CHECK:         arith.bitcast %{{.*}} : vector<8xf32> to vector<8xi32>
// CHECK-NOT:     math.
// CHECK:         %e = arith.mulf %{{.*}} fastmath<contract> : vector<8xf32>
// CHECK-NOT:     math.
// CHECK:         %t = arith.bitcast %{{.*}} : vector<16xi32> to vector<16xf32>
// CHECK-NOT:     math.
// CHECK:         %f = arith.bitcast %{{.*}} : vector<4xi32> to vector<4xf32>
// CHECK-NEXT:    func.return %e, %t, %f
func.func @vectors(%a: vector<8xf32>, %b: vector<16xf32>, %c: vector<4xf32>)
    -> (vector<8xf32>, vector<16xf32>, vector<4xf32>) {
  %e = math.exp2 %a : vector<8xf32>
  %t = math.tanh %b : vector<16xf32>
  %f = math.erf %c : vector<4xf32>
  return %e, %t, %f : vector<8xf32>, vector<16xf32>, vector<4xf32>
}

// Other types, and functions for which there are instructions, stay.
// CHECK-LABEL: func.func @others(
// CHECK-NEXT:    %a = math.exp %x : f64
// CHECK-NEXT:    %b = math.tanh %v : vector<4xf16>
// CHECK-NEXT:    %c = math.sqrt %z : f32
// CHECK-NEXT:    func.return
func.func @others(%x: f64, %v: vector<4xf16>, %z: f32) -> (f64, vector<4xf16>, f32) {
  %a = math.exp %x : f64
  %b = math.tanh %v : vector<4xf16>
  %c = math.sqrt %z : f32
  return %a, %b, %c : f64, vector<4xf16>, f32
}

// In loops, and in the bodies of structured operations.
// CHECK-LABEL: func.func @nested(
// CHECK:         linalg.generic
// CHECK-NOT:     math.
// CHECK:         linalg.yield
func.func @nested(%x: memref<4xf32>) {
  linalg.generic {indexing_maps = [affine_map<(i) -> (i)>], iterator_types = ["parallel"]} outs(%x : memref<4xf32>) {
    ^bb0(%a: f32):
      %0 = math.erf %a : f32
      linalg.yield %0 : f32
  }
  return
}
