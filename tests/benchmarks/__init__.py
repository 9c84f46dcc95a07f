"""The benchmark behind `make bench`: a register made up in memory, measurements of it, and the table of the README."""
