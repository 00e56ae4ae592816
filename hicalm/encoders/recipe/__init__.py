"""How the built-in encoder and the experts were made: pictures, labels, training, gates."""
