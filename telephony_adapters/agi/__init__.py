"""What runs on the PBX's machine: an AGI script with which a dialplan asks the monitor."""
