"""Overflow on real Asterisks: what rules order happens, and the record says what happened."""
