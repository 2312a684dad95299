"""Whether the bot is well, as monitoring and systemd ask it: states and counts, never a text, a name or an id."""
