"""Topics: who subscribes, what each publication delivers to whom and in which form."""
