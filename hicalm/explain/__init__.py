"""Why a museum was found: how much each level, room, view and part of the query contributed."""
