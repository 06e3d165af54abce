"""A trained model on the hub: a folder with its card, and its way there."""
