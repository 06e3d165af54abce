"""Transit maps, real and synthetic, to pictures and questions with exact truth."""
