"""The Python API: what `import trainctl` offers besides the decorators."""
