"""Pictures with alpha that are laid over the short: titles, captions, cards."""
