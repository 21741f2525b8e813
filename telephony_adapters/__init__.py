"""Edges towards telephony: each turns one source into core events, or one decision into an action."""
