"""Whole ways of a call: what the monitor records against what a real Asterisk recorded."""
