"""A run as a recipe for another trainer: settings -> data, reward, curriculum, configuration."""
