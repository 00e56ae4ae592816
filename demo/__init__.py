"""The web app of HiCALM Explorer. It imports ``hicalm``; ``hicalm`` never imports it."""
