"""MQTT: call events, overflow decisions and queue states to a broker, and commands from it."""
