"""Personal data: what is kept of people, how long, and what takes it away."""
