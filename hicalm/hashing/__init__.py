"""Short binary codes by which pictures and texts find each other, learnt unlabelled (VTM-UCH)."""
