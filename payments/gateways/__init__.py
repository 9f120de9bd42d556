"""Payment providers: the only code that knows their addresses, words and shapes. Dataclasses in and out."""
