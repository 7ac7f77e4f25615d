"""From a commit to AWS, and back to an earlier release."""

import contract  # noqa: F401 - finds the packages in lambda/
