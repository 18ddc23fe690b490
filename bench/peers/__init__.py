"""The same transformer work on rlxc and on the CPU runtimes that are installed; see `bench/README.md`."""
