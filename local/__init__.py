"""The local stack: runs on one machine what AWS runs in production."""

import contract  # noqa: F401 - finds the packages in lambda/
