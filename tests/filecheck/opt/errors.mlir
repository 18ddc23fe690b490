// RUN: not rlxc opt %s 2>&1 | filecheck %s
// RUN: not rlxc opt %s -p canonicalise 2>&1 | filecheck %s --check-prefix=PASS
// RUN: not rlxc opt %s -p 'rlx-unfuse{onyl=rope}' 2>&1 | filecheck %s --check-prefix=OPTION
// RUN: not rlxc opt %s -p 'cse,{' 2>&1 | filecheck %s --check-prefix=SYNTAX
// RUN: not rlxc opt %s -t rlx-nunpy 2>&1 | filecheck %s --check-prefix=TARGET

// CHECK:      errors.mlir:12:8: error: unknown operation 'rlx.atention' (did you mean 'rlx.attention'?)
// CHECK-NEXT:   %o = rlx.atention %x, %x, %x
// CHECK-NEXT:        ^

func.func @f(%x: tensor<1x?x32xf32>) -> tensor<1x?x32xf32> {
  %o = rlx.atention %x, %x, %x
  return %o : tensor<1x?x32xf32>
}

// PASS:      pipeline:1:1: error: unknown pass 'canonicalise' (did you mean 'canonicalize'?)
// PASS-NEXT: canonicalise
// PASS-NEXT: ^
// PASS-NEXT: hint: rlxc opt --list-passes

// OPTION:      error: pass 'rlx-unfuse' has no option 'onyl' (did you mean 'only'?)
// OPTION-NEXT: hint: write rlx-unfuse{only=

// SYNTAX:      pipeline:1:5: error: Expected pass name here
// SYNTAX-NEXT: cse,{
// SYNTAX-NEXT:     ^

// TARGET:      error: unknown target 'rlx-nunpy' (did you mean 'rlx-numpy'?)
// TARGET-NEXT: hint: the targets are
