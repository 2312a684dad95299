"""A puppet service in Python with a small world behind it: for the demo, for journeys, for trying things out."""

from bot.gateway.simulator.gateway import Simulator

__all__ = ["Simulator"]
