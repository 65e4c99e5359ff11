"""Readers: decoded content -> `Document`. A reader knows no form."""
