"""Asterisk: the manager interface (AMI) and, later, ARI, AGI and the queue log."""
