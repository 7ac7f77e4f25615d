"""Imported once, in the process that all others are forked from: what takes long to load."""

import os
from unittest import mock

from contract import repository
from tests.trust import function
from visits.counting import connection, visitor

repository.load().slow_path  # noqa: B018
visitor.crawlers()
with mock.patch.dict(os.environ, function.AWS):
    connection.connect()
