"""Edges towards telephony: a source becomes core events, a decision becomes an action."""
