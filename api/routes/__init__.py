"""Thin routes: read the parameters, ask the services, answer."""
