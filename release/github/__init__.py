"""What the workflows on GitHub do beside building and testing, as commands that have tests."""
