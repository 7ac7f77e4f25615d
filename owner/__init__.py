"""The owner's commands on the numbers: `make counts`, `correct`, `import`, `export`, `repair`."""
