"""Maps of a collection: its museums, rooms and views as points of a plane."""
