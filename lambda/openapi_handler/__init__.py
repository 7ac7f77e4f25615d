"""Answers API Gateway's REST proxy events as an OpenAPI document says. Start at handler.Handler.

It knows no service: contract, operations, problem types and reporter come from the service's own
Lambda handler.
"""
