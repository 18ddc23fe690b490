"""The rewrites that fusion passes consist of, where a pass has more than one."""
