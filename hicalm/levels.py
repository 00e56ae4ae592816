"""The names of the three levels, and of the texts of a description that serve as queries."""

LEVELS = ("museum", "room", "view")  # bottom up: a view lies in a room, a room in a museum
LENGTHS = ("full", "room", "sentence")  # a whole description, a room's paragraph, one sentence
