// RUN: rlxc opt --list-passes | filecheck %s --check-prefix=PASSES
// RUN: rlxc opt --show-dialects | filecheck %s --check-prefix=DIALECTS

// PASSES: pipelines:
// PASSES: {{^  fuse }}
// PASSES: passes of rlxc:
// PASSES: {{^  rlx-fuse-rope-into-attention  +[A-Z]}}
// PASSES: other passes:
// PASSES: {{^  canonicalize }}

// DIALECTS: dialects:
// DIALECTS: {{^  linalg$}}
// DIALECTS: {{^  rlx$}}
