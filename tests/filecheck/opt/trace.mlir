// RUN: rlxc opt %s -p cse,canonicalize,cse --print-ir-after-change 2>&1 | filecheck %s --check-prefix=CHANGE
// RUN: rlxc opt %s -p cse,canonicalize --print-ir-before-all --print-ir-after-all 2>&1 | filecheck %s --check-prefix=ALL
// RUN: rlxc opt %s --pass-pipeline='builtin.module(cse, canonicalize)' --statistics 2>&1 | filecheck %s --check-prefix=COUNT
// RUN: rlxc opt %s -p canonicalize --dump-dir %t && filecheck %s --input-file=%t/01-canonicalize.mlir --check-prefix=DUMP

func.func @f(%a: i32) -> i32 {
  %zero = arith.constant 0 : i32
  %b = arith.addi %a, %zero : i32
  return %b : i32
}

// CHANGE-NOT:  After cse
// CHANGE:      // -----// IR Dump After canonicalize //----- //
// CHANGE-NEXT: builtin.module {
// CHANGE-NEXT:   func.func @f(%a: i32) -> i32 {
// CHANGE-NEXT:     func.return %a : i32
// CHANGE-NOT:  After cse

// ALL:      IR Dump Before cse
// ALL:      arith.addi
// ALL:      IR Dump After cse
// ALL:      arith.addi
// ALL:      IR Dump Before canonicalize
// ALL:      arith.addi
// ALL:      IR Dump After canonicalize
// ALL-NOT:  arith.addi

// COUNT: {{operations +fused +missed +pass}}
// COUNT-NEXT: {{4 -> +4 +0 +0 +cse}}
// COUNT-NEXT: {{4 -> +2 +0 +0 +canonicalize}}

// DUMP:      // rlxc opt 00-input.mlir -p canonicalize
// DUMP-NEXT: builtin.module {
// DUMP-NEXT:   func.func @f(%a: i32) -> i32 {
// DUMP-NEXT:     func.return %a : i32
