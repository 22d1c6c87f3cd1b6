"""The protocols: each compiles the shapes of the models to closures that read and write them."""
