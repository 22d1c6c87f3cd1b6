"""The journal: all inputs on disk, and the states that follow from them. docs/JOURNAL.md tells how it is used."""
