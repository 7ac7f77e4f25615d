"""A release on its way to staging and production, and back."""
