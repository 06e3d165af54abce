"""Measure a vision-language model on map questions, with intervals."""
