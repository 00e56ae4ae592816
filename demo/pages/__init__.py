"""Pages of the app: each one's parts, and what they show of an address."""
