"""The top facade: a collection searched by stages, as the app, the API and commands use it."""
