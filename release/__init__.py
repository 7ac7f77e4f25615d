"""From a commit to AWS, and back to an earlier release."""
