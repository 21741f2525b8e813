"""Properties that hold for every stream of events, however damaged; searched by Hypothesis."""
