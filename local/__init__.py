"""The local stack: everything AWS would run, on one machine. Start at __main__."""
