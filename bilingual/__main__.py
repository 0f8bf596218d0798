"""Run the command line as `python -m bilingual`."""

from bilingual.cli import main

main()
