"""The owner's commands on the numbers: `make counts`, `correct`, `import`, `export`, `repair`."""

import contract  # noqa: F401 - finds the packages in lambda/
