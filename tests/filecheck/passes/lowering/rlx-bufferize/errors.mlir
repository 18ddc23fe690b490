// RUN: rlxc opt -p rlx-bufferize --split-input-file --verify-diagnostics %s

// expected-error@unknown {{the call of @g cannot be bufferized: run rlx-inline-calls first}}
func.func @f(%x: tensor<4xf32>) -> tensor<4xf32> {
  %y = func.call @g(%x) : (tensor<4xf32>) -> tensor<4xf32>
  func.return %y : tensor<4xf32>
}
func.func private @g(%x: tensor<4xf32>) -> tensor<4xf32> {
  func.return %x : tensor<4xf32>
}

// -----

// expected-error@unknown {{'tensor.insert' on tensors cannot be bufferized}}
func.func @f(%x: tensor<4xf32>, %s: f32, %i: index) -> tensor<4xf32> {
  %y = tensor.insert %s into %x[%i] : tensor<4xf32>
  func.return %y : tensor<4xf32>
}

// -----

// expected-error@unknown {{'scf.if' on tensors cannot be bufferized}}
func.func @f(%x: tensor<4xf32>, %y: tensor<4xf32>, %c: i1) -> tensor<4xf32> {
  %r = scf.if %c -> (tensor<4xf32>) {
    scf.yield %x : tensor<4xf32>
  } else {
    scf.yield %y : tensor<4xf32>
  }
  func.return %r : tensor<4xf32>
}

// -----

// expected-error@unknown {{'scf.if' around operations on tensors cannot be bufferized}}
func.func @f(%x: tensor<4xf32>, %s: f32, %c: i1, %i: index) -> f32 {
  %r = scf.if %c -> (f32) {
    %e = tensor.extract %x[%i] : tensor<4xf32>
    scf.yield %e : f32
  } else {
    scf.yield %s : f32
  }
  func.return %r : f32
}

// -----

// expected-error@unknown {{@f branches, and only straight code and loops are bufferized}}
func.func @f(%x: tensor<4xf32>) -> tensor<4xf32> {
  cf.br ^end
^end:
  func.return %x : tensor<4xf32>
}

// -----

// expected-error@unknown {{the module has no public function to lower}}
func.func private @f(%x: tensor<4xf32>) -> tensor<4xf32> {
  func.return %x : tensor<4xf32>
}
