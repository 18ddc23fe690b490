// RUN: rlxc opt -p 'rlx-unfuse{only=ropes}' --verify-diagnostics %s

// expected-error@unknown {{rlx-unfuse cannot undo 'ropes', only k_gain, rope, groups, glu, projections, residual, add_rms_norm}}
func.func private @any()
