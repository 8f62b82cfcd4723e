"""The incident notice: its register, its files, its letter, and how it stands."""
