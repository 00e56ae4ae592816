"""How the built-in encoder and the art expert were made: pictures, labels, training, gates."""
