"""The command `pocketbus`: its commands are a table, each carried out by a function of one of the modules here."""
