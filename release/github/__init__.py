"""Commands that only the workflows on GitHub use."""
