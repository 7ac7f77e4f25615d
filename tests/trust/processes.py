"""Starts processes by forking one that has imported everything, which takes milliseconds."""

import multiprocessing

CONTEXT = multiprocessing.get_context("forkserver")
CONTEXT.set_forkserver_preload(["tests.trust.preloaded"])
