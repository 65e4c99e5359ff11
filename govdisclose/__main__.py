"""`python -m govdisclose`."""

from govdisclose.cli import app

app()
