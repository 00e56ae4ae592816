"""The closed vocabulary of the built-in world: every value a specification can hold."""

SUBJECTS = (
    "seascape",
    "mountains",
    "city skyline",
    "still life with fruit",
    "vase of flowers",
    "portrait",
    "night sky",
    "forest",
    "horse",
    "bird",
    "sailing ships",
    "desert",
    "garden",
)
FIGURATIVE_STYLES = (
    "impressionist",
    "pointillist",
    "cubist",
    "ukiyo-e",
    "pop art",
    "watercolour",
    "ink wash",
    "chiaroscuro",
)
NON_FIGURATIVE_STYLES = (
    "de stijl",
    "colour field",
    "abstract expressionist",
    "op art",
    "suprematist",
)
STYLES = FIGURATIVE_STYLES + NON_FIGURATIVE_STYLES
PALETTES = (
    "warm sunset",
    "cool blues",
    "greyscale",
    "pastel",
    "primary colours",
    "earth tones",
    "greens",
    "purples",
)
WALL_COLORS = ("white", "red", "blue", "green", "grey", "yellow", "pink", "black")
FLOORS = ("wood", "marble", "concrete", "carpet", "terracotta", "checkerboard")
LIGHTINGS = ("bright", "dim", "warm", "daylight")
OBJECTS = ("bench", "plant", "sculpture", "column", "display case")
