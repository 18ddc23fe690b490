"""Running passes and looking inside: what each of them did to the program."""
