"""Settings, and sample configuration for Asterisk."""
