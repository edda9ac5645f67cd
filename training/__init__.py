"""Training of the encoder that ships; not part of the installation."""
