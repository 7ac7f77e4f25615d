import contract  # noqa: F401 - finds the packages in lambda/
