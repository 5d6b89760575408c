"""Reading folders, images, arrays and records."""
