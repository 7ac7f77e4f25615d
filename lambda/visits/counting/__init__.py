"""Counts visits and visitors in DynamoDB. Start at counter.Counter."""
