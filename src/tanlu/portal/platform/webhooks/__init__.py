"""Webhooks: what happens here is told to other systems, signed, and told again until they have it.

In come the alerts of monitoring and the targets of the newest run; out go HTTP requests to receivers that an administrator registered.
Messages wait in a durable outbox (``webhooks.db`` of the workspace). Form, signature and delays follow the Standard Webhooks
specification (standardwebhooks.com, version 1.0). Nothing here decides what an alert is.
"""
