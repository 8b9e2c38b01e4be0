"""`python -m client` is the `byteme` command."""

from client.cli import main

main(prog_name="byteme")
