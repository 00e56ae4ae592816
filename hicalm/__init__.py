"""HiCALM: search museums of rooms of images by text, and by image."""
