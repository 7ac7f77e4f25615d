"""The visitor counter's Lambda function. Start reading at handler.handle."""
