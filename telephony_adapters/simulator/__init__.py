"""A simulated Asterisk contact centre that speaks AMI over TCP."""
