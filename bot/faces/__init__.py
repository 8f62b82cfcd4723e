"""The doors: each turns its medium into turns and replies into its medium, and does no more."""
