"""Webhooks: call events as signed POST requests."""
