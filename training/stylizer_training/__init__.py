"""Training of the style-transfer network."""
