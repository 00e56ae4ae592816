"""How the plan tagger is made: marked queries, variants of them, and the training."""
