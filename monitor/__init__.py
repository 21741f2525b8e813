"""The monitor: a pure core and the runtime, bus and history around it."""
