"""Benchmarks: programs that print ratios measured within one run; never a test, so that no busy machine turns red."""
