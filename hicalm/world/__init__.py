"""The built-in world: museums drawn and described by a program, a pure function of a seed."""
