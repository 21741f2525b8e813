"""Tests of what is published: MQTT through a real Mosquitto, webhooks to a real HTTP receiver."""
