"""A report as one HTML file: what is told of a run, its elements, charts, sections, and the page around them."""
