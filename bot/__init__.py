"""What runs: settings, clock, service, commands, store and faces. Nothing imports it."""
