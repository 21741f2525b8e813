"""The HTTP edge: REST, live stream, sign-in, metrics, and the command line that composes it all."""
