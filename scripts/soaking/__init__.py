"""The parts of scripts/soak.py: a day's traffic, faults, the bot as processes of its own, and what must hold then."""
