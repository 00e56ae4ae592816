"""How a typed text is understood: its rooms and sentences, its plan, its spelling, its script."""
