"""How far rooms show what a query asks: attributes read off views, matches, the value of a plan."""
