"""Our own Keras subclasses. They import Keras at module level and are reached only from a spec's `build()`."""
