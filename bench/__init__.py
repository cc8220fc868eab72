"""Measuring the system: `./manage_all.sh bench`."""
