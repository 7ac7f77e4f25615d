"""The local stack: runs on one machine what AWS runs in production."""
