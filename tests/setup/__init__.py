"""What sets a machine up for the tests, and tests of what people install."""
