"""Seeds: resources written down, made through the operations that a client would call, and written down again."""
