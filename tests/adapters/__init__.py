"""Tests of the adapters towards telephony."""
