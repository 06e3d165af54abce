"""GRPO for vision-language models on map questions, on TRL."""
