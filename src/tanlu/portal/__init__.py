"""The portal: web pages in Chinese and English and the REST API over the frozen runs of a workspace.

In: a workspace folder. Out: an ASGI application. Pages and API answer from the same service functions; nothing is computed here that a
run has not written, apart from filters and the view through a GWP set.
"""

from tanlu.portal.app import create_app

__all__ = ["create_app"]
