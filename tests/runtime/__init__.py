"""Tests of the runtime around the core."""
