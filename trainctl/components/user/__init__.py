"""Components of the user's own: the decorators, and the modules that the user loads."""
