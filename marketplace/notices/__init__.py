"""Telling people: in the application, and by e-mail once the change is committed."""
